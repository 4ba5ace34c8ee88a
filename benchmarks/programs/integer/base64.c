/* Base64, as in RFC 4648: encoding, and decoding with all checks. */
#include "benchmark.h"

#define SIZE_BYTES 300u
#define TEXT_SIZE  (SIZE_BYTES / 3 * 4)

const uint32_t benchmark_rounds = 7400;

static const char digits[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static uint8_t data[SIZE_BYTES], decoded[SIZE_BYTES];
static char text[TEXT_SIZE + 1];

static SEPARATE uint32_t encode(char *to, const uint8_t *bytes, uint32_t size_bytes)
{
    char *end = to;

    for (; size_bytes > 0; bytes += 3) {
        const uint32_t second = size_bytes > 1 ? bytes[1] : 0, third = size_bytes > 2 ? bytes[2] : 0;
        const uint32_t group = (uint32_t)bytes[0] << 16 | second << 8 | third;

        *end++ = digits[group >> 18];
        *end++ = digits[group >> 12 & 63];
        *end++ = size_bytes > 1 ? digits[group >> 6 & 63] : '=';
        *end++ = size_bytes > 2 ? digits[group & 63] : '=';
        size_bytes -= size_bytes > 2 ? 3 : size_bytes;
    }
    *end = 0;
    return (uint32_t)(end - to);
}

static uint32_t value_of(char digit)
{
    if (digit >= 'A' && digit <= 'Z') {
        return (uint32_t)(digit - 'A');
    }
    if (digit >= 'a' && digit <= 'z') {
        return (uint32_t)(digit - 'a' + 26);
    }
    if (digit >= '0' && digit <= '9') {
        return (uint32_t)(digit - '0' + 52);
    }
    return digit == '+' ? 62 : digit == '/' ? 63 : 64;
}

/* The number of bytes; 0 if it is no base64. */
static SEPARATE uint32_t decode(uint8_t *to, const char *from)
{
    uint32_t bits = 0, group = 0, size_bytes = 0;

    for (; *from && *from != '='; from++) {
        const uint32_t value = value_of(*from);

        if (value > 63) {
            return 0;
        }
        group = group << 6 | value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            to[size_bytes++] = (uint8_t)(group >> bits);
        }
    }
    return size_bytes;
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    for (uint32_t i = 0; i < SIZE_BYTES; i++) {
        data[i] = (uint8_t)next_random(&random);
    }
    for (; rounds > 0; rounds--) {
        const uint32_t size_bytes = SIZE_BYTES - rounds % 3;

        data[rounds % SIZE_BYTES] = (uint8_t)checksum;
        checksum = checksum * 33 + encode(text, data, size_bytes);
        checksum = checksum * 33 + decode(decoded, text);
        checksum = checksum * 33 + decoded[rounds % size_bytes] + (uint8_t)text[rounds % TEXT_SIZE];
    }
    return checksum;
}
