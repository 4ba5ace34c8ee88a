/* SHA-256, as in FIPS 180-4. */
#include "benchmark.h"

#define ROUNDS 64u

const uint32_t benchmark_rounds = 54000;

static const uint32_t initial[8] = {
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
};

static const uint32_t constants[ROUNDS] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
};

static uint32_t message[16];

static SEPARATE void compress(uint32_t state[8], const uint32_t block[16])
{
    uint32_t words[ROUNDS];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];

    for (uint32_t i = 0; i < 16; i++) {
        words[i] = block[i];
    }
    for (uint32_t i = 16; i < ROUNDS; i++) {
        const uint32_t x = words[i - 15], y = words[i - 2];
        const uint32_t small0 = rotated_right(x, 7) ^ rotated_right(x, 18) ^ x >> 3;
        const uint32_t small1 = rotated_right(y, 17) ^ rotated_right(y, 19) ^ y >> 10;

        words[i] = words[i - 16] + small0 + words[i - 7] + small1;
    }
    for (uint32_t i = 0; i < ROUNDS; i++) {
        const uint32_t large1 = rotated_right(e, 6) ^ rotated_right(e, 11) ^ rotated_right(e, 25);
        const uint32_t large0 = rotated_right(a, 2) ^ rotated_right(a, 13) ^ rotated_right(a, 22);
        const uint32_t one = h + large1 + ((e & f) ^ (~e & g)) + constants[i] + words[i];
        const uint32_t two = large0 + ((a & b) ^ (a & c) ^ (b & c));

        h = g;
        g = f;
        f = e;
        e = d + one;
        d = c;
        c = b;
        b = a;
        a = one + two;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t state[8], random = RANDOM_SEED;

    for (uint32_t i = 0; i < 8; i++) {
        state[i] = initial[i];
    }
    for (; rounds > 0; rounds--) {
        for (uint32_t i = 0; i < 16; i++) {
            message[i] = next_random(&random);
        }
        compress(state, message);
    }
    return state[0] ^ state[7];
}
