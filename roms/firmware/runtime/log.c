/* Lines look like those of wm_log.h in wm_iot_sdk. */
#include "runtime/log.h"

#include <stdarg.h>

#include "drivers/uart.h"
#include "kernel/kernel.h"
#include "runtime/format.h"
#include "runtime/string.h"

#define LONGEST_LINE 160
#define LINE_END     "\r\n"

struct line {
    char text[LONGEST_LINE + sizeof LINE_END];
    uint32_t length;
};

static void put_to_line(void *argument, char character)
{
    struct line *line = argument;

    if (line->length < LONGEST_LINE) {
        line->text[line->length++] = character;
    }
}

static void add(struct line *line, const char *text, ...)
{
    va_list values;

    va_start(values, text);
    format(put_to_line, line, text, values);
    va_end(values);
}

void log_line(char level, const char *tag, const char *text, ...)
{
    struct line line = {.length = 0};
    va_list values;

    add(&line, "[%c] (%u) %s: ", level, kernel_ticks(), tag);
    va_start(values, text);
    format(put_to_line, &line, text, values);
    va_end(values);
    memcpy(line.text + line.length, LINE_END, 2);
    uart_write(UART0, line.text, line.length + 2); /* at once, so that tasks do not mix their lines */
}

void log_text(const char *text)
{
    uart_write(UART0, text, strlen(text));
}
