/* What a C library does with memory and strings: copying, filling, comparing, looking for something. */
#include "benchmark.h"

#define SIZE_BYTES 1024u

const uint32_t benchmark_rounds = 6700;

static uint32_t one[SIZE_BYTES / 4], other[SIZE_BYTES / 4];

/* By words where both are aligned, else by bytes. */
static SEPARATE void copy(void *to, const void *from, uint32_t size_bytes)
{
    uint8_t *target = to;
    const uint8_t *source = from;

    if ((((uintptr_t)to | (uintptr_t)from) & 3) == 0) {
        for (; size_bytes >= 16; size_bytes -= 16, target += 16, source += 16) {
            ((uint32_t *)target)[0] = ((const uint32_t *)source)[0];
            ((uint32_t *)target)[1] = ((const uint32_t *)source)[1];
            ((uint32_t *)target)[2] = ((const uint32_t *)source)[2];
            ((uint32_t *)target)[3] = ((const uint32_t *)source)[3];
        }
    }
    for (; size_bytes > 0; size_bytes--) {
        *target++ = *source++;
    }
}

static SEPARATE void fill(void *to, uint8_t byte, uint32_t size_bytes)
{
    uint8_t *target = to;

    for (; size_bytes > 0 && (uintptr_t)target & 3; size_bytes--) {
        *target++ = byte;
    }
    for (; size_bytes >= 4; size_bytes -= 4, target += 4) {
        *(uint32_t *)target = byte * 0x01010101u;
    }
    for (; size_bytes > 0; size_bytes--) {
        *target++ = byte;
    }
}

static SEPARATE int32_t difference(const void *a, const void *b, uint32_t size_bytes)
{
    const uint8_t *x = a, *y = b;

    for (; size_bytes > 0; size_bytes--, x++, y++) {
        if (*x != *y) {
            return *x - *y;
        }
    }
    return 0;
}

static SEPARATE uint32_t length(const char *text)
{
    const char *end = text;

    while (*end) {
        end++;
    }
    return (uint32_t)(end - text);
}

static SEPARATE const char *first_of(const char *text, char character)
{
    while (*text && *text != character) {
        text++;
    }
    return *text ? text : 0;
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;
    char *const text = (char *)one, *const copied = (char *)other;

    for (; rounds > 0; rounds--) {
        const uint32_t word = next_random(&random), some = word % 512, place = word >> 16 & 0xFF;
        const char *found;

        fill(text, (uint8_t)(word >> 24 | 1), SIZE_BYTES);
        text[some + 300] = 0;
        text[some / 2] = 'x';
        copy(copied, text, SIZE_BYTES);
        copy(copied + 1, text + place, some / 4);
        found = first_of(text, 'x');
        checksum = checksum * 33 + length(text) + (uint32_t)difference(text, copied, SIZE_BYTES);
        checksum += found ? (uint32_t)(found - text) : 7;
    }
    return checksum;
}
