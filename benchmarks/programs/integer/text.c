/* Log lines: a formatter like printf, and a reader of the numbers in them. */
#include <stdarg.h>

#include "benchmark.h"

#define LINE_SIZE 128u

const uint32_t benchmark_rounds = 5100;

static char line[LINE_SIZE];

static SEPARATE char *put_number(char *end, uint32_t number, uint32_t base, int width, char padding)
{
    char digits[10];
    int count = 0;

    do {
        digits[count++] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number);
    for (; width > count; width--) {
        *end++ = padding;
    }
    while (count > 0) {
        *end++ = digits[--count];
    }
    return end;
}

/* Knows %d, %u, %x, %s, %c and a width that may begin with 0. Returns the length. */
static SEPARATE uint32_t format(char *to, const char *form, ...)
{
    char *end = to;
    va_list values;

    va_start(values, form);
    for (; *form; form++) {
        char padding = ' ';
        int width = 0;

        if (*form != '%') {
            *end++ = *form;
            continue;
        }
        if (*++form == '0') {
            padding = *form++;
        }
        for (; *form >= '0' && *form <= '9'; form++) {
            width = width * 10 + *form - '0';
        }
        switch (*form) {
        case 'd': {
            const int number = va_arg(values, int);

            if (number < 0) {
                *end++ = '-';
            }
            end = put_number(end, number < 0 ? -(uint32_t)number : (uint32_t)number, 10, width, padding);
            break;
        }
        case 'u': end = put_number(end, va_arg(values, unsigned), 10, width, padding); break;
        case 'x': end = put_number(end, va_arg(values, unsigned), 16, width, padding); break;
        case 'c': *end++ = (char)va_arg(values, int); break;
        case 's':
            for (const char *text = va_arg(values, const char *); *text; text++) {
                *end++ = *text;
            }
            break;
        default: *end++ = *form; break;
        }
    }
    va_end(values);
    *end = 0;
    return (uint32_t)(end - to);
}

static SEPARATE uint32_t sum_of_numbers(const char *text)
{
    uint32_t sum = 0, number = 0;

    for (; *text; text++) {
        if (*text >= '0' && *text <= '9') {
            number = number * 10 + (uint32_t)(*text - '0');
        } else {
            sum += number;
            number = 0;
        }
    }
    return sum + number;
}

uint32_t benchmark(uint32_t rounds)
{
    static const char *const names[4] = {"main", "wifi", "atcmd", "ota"};
    uint32_t checksum = 0, random = RANDOM_SEED;

    for (; rounds > 0; rounds--) {
        for (uint32_t i = 0; i < 8; i++) {
            const uint32_t word = next_random(&random);
            const int32_t temperature = (int32_t)(word >> 20) - 2048;

            checksum += format(line, "[%c] (%u) %s: %d of 0x%08x at %5u.%03u V", "IWE"[i % 3], rounds * 100 + i,
                               names[word & 3], temperature, word, word >> 24, word % 1000);
            checksum = checksum * 33 + sum_of_numbers(line);
        }
    }
    return checksum;
}
