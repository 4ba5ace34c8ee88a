/* Formatted text, a subset of printf. */
#include "runtime/format.h"

#include <stdbool.h>

struct field {
    bool zeros;
    uint32_t width;
};

static void put_number(character_sink put, void *argument, uint32_t value, uint32_t base, bool negative,
                       struct field field)
{
    char digits[12];
    uint32_t count = 0;

    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value > 0);
    if (negative) {
        digits[count++] = '-';
    }
    for (uint32_t i = count; i < field.width; i++) {
        put(argument, field.zeros ? '0' : ' ');
    }
    while (count > 0) {
        put(argument, digits[--count]);
    }
}

static void put_text(character_sink put, void *argument, const char *text, struct field field)
{
    uint32_t length = 0;

    for (; text[length]; length++) {
        put(argument, text[length]);
    }
    for (; length < field.width; length++) {
        put(argument, ' ');
    }
}

static const char *read_field(const char *text, struct field *field)
{
    field->zeros = *text == '0';
    field->width = 0;
    while (*text >= '0' && *text <= '9') {
        field->width = field->width * 10 + (uint32_t)(*text++ - '0');
    }
    return text;
}

void format(character_sink put, void *argument, const char *text, va_list values)
{
    struct field field;
    int number;

    for (; *text; text++) {
        if (*text != '%') {
            put(argument, *text);
            continue;
        }
        text = read_field(text + 1, &field);
        switch (*text) {
        case 's': put_text(put, argument, va_arg(values, const char *), field); break;
        case 'c': put(argument, (char)va_arg(values, int)); break;
        case 'u': put_number(put, argument, va_arg(values, uint32_t), 10, false, field); break;
        case 'x': put_number(put, argument, va_arg(values, uint32_t), 16, false, field); break;
        case 'd':
            number = va_arg(values, int);
            put_number(put, argument, number < 0 ? -(uint32_t)number : (uint32_t)number, 10, number < 0, field);
            break;
        default: put(argument, *text); break;
        }
    }
}

struct text_buffer {
    char *next;
    char *last;
};

static void put_to_text(void *argument, char character)
{
    struct text_buffer *buffer = argument;

    if (buffer->next < buffer->last) {
        *buffer->next++ = character;
    }
}

void format_text(char *text, uint32_t size, const char *template, ...)
{
    struct text_buffer buffer = {text, text + size - 1};
    va_list values;

    va_start(values, template);
    format(put_to_text, &buffer, template, values);
    va_end(values);
    *buffer.next = '\0';
}
