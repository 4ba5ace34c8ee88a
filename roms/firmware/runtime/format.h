/* Formatted text, a subset of printf. */
#ifndef RUNTIME_FORMAT_H
#define RUNTIME_FORMAT_H

#include <stdarg.h>
#include <stdint.h>

typedef void (*character_sink)(void *argument, char character);

/* Knows %s %c %u %d %x and %%, with a width and leading zeros: %08x. */
void format(character_sink put, void *argument, const char *text, va_list values);

/* Into an array, always ended by NUL and cut where it is full. */
void format_text(char *text, uint32_t size, const char *format, ...);

#endif
