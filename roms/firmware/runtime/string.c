/* Memory and text. Compiled with -fno-tree-loop-distribute-patterns, or these would call themselves. */
#include "runtime/string.h"

#include <stdint.h>

void *memcpy(void *to, const void *from, size_t size)
{
    uint8_t *target = to;
    const uint8_t *source = from;

    if ((((uintptr_t)target | (uintptr_t)source) & 3) == 0) {
        for (; size >= 4; size -= 4, target += 4, source += 4) {
            *(uint32_t *)target = *(const uint32_t *)source;
        }
    }
    while (size-- > 0) {
        *target++ = *source++;
    }
    return to;
}

void *memset(void *to, int value, size_t size)
{
    uint8_t *target = to;

    while (size-- > 0) {
        *target++ = (uint8_t)value;
    }
    return to;
}

int memcmp(const void *one, const void *other, size_t size)
{
    const uint8_t *a = one;
    const uint8_t *b = other;

    for (; size > 0; size--, a++, b++) {
        if (*a != *b) {
            return *a - *b;
        }
    }
    return 0;
}

size_t strlen(const char *text)
{
    size_t length = 0;

    while (text[length]) {
        length++;
    }
    return length;
}

int strcmp(const char *one, const char *other)
{
    while (*one && *one == *other) {
        one++;
        other++;
    }
    return (uint8_t)*one - (uint8_t)*other;
}

int strncmp(const char *one, const char *other, size_t size)
{
    for (; size > 0; size--, one++, other++) {
        if (*one != *other || !*one) {
            return (uint8_t)*one - (uint8_t)*other;
        }
    }
    return 0;
}
