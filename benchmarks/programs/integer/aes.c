/* AES-128 byte by byte, as in FIPS 197: key schedule, encryption of blocks that are chained. */
#include "benchmark.h"

#define BLOCK  16u
#define ROUNDS 10u

const uint32_t benchmark_rounds = 2300;

static uint8_t substitution[256];
static uint8_t schedule[(ROUNDS + 1) * BLOCK];

static uint8_t doubled(uint8_t byte)
{
    return (uint8_t)(byte << 1 ^ (byte & 0x80 ? 0x1B : 0));
}

static uint8_t rotated_left(uint8_t byte, uint32_t places)
{
    return (uint8_t)(byte << places | byte >> (8 - places));
}

/* Goes through all bytes as powers of 3, and beside them through their inverses, powers of 1/3. */
static void make_substitution(void)
{
    uint8_t byte = 1, inverse = 1;

    do {
        byte ^= doubled(byte);
        inverse ^= (uint8_t)(inverse << 1);
        inverse ^= (uint8_t)(inverse << 2);
        inverse ^= (uint8_t)(inverse << 4);
        inverse ^= inverse & 0x80 ? 0x09 : 0;
        substitution[byte] = (uint8_t)(inverse ^ rotated_left(inverse, 1) ^ rotated_left(inverse, 2) ^
                                       rotated_left(inverse, 3) ^ rotated_left(inverse, 4) ^ 0x63);
    } while (byte != 1);
    substitution[0] = 0x63;
}

static SEPARATE void make_schedule(const uint8_t key[BLOCK])
{
    uint8_t constant = 1;

    for (uint32_t i = 0; i < BLOCK; i++) {
        schedule[i] = key[i];
    }
    for (uint32_t i = BLOCK; i < sizeof(schedule); i += 4) {
        uint8_t word[4];

        for (uint32_t j = 0; j < 4; j++) {
            word[j] = schedule[i - 4 + j];
        }
        if (i % BLOCK == 0) {
            const uint8_t first = word[0];

            word[0] = substitution[word[1]] ^ constant;
            word[1] = substitution[word[2]];
            word[2] = substitution[word[3]];
            word[3] = substitution[first];
            constant = doubled(constant);
        }
        for (uint32_t j = 0; j < 4; j++) {
            schedule[i + j] = schedule[i - BLOCK + j] ^ word[j];
        }
    }
}

static void add_key(uint8_t state[BLOCK], uint32_t round)
{
    for (uint32_t i = 0; i < BLOCK; i++) {
        state[i] ^= schedule[round * BLOCK + i];
    }
}

static void substitute_and_shift(uint8_t state[BLOCK])
{
    uint8_t old[BLOCK];

    for (uint32_t i = 0; i < BLOCK; i++) {
        old[i] = substitution[state[i]];
    }
    for (uint32_t i = 0; i < BLOCK; i++) {
        state[i] = old[(i * 5) % BLOCK];
    }
}

static void mix_columns(uint8_t state[BLOCK])
{
    for (uint8_t *column = state; column < state + BLOCK; column += 4) {
        const uint8_t first = column[0], all = column[0] ^ column[1] ^ column[2] ^ column[3];

        column[0] ^= all ^ doubled(column[0] ^ column[1]);
        column[1] ^= all ^ doubled(column[1] ^ column[2]);
        column[2] ^= all ^ doubled(column[2] ^ column[3]);
        column[3] ^= all ^ doubled(column[3] ^ first);
    }
}

static SEPARATE void encrypt(uint8_t state[BLOCK])
{
    add_key(state, 0);
    for (uint32_t round = 1; round < ROUNDS; round++) {
        substitute_and_shift(state);
        mix_columns(state);
        add_key(state, round);
    }
    substitute_and_shift(state);
    add_key(state, ROUNDS);
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t random = RANDOM_SEED;
    uint8_t state[BLOCK];

    make_substitution();
    for (uint32_t i = 0; i < BLOCK; i++) {
        state[i] = (uint8_t)i;
    }
    for (; rounds > 0; rounds--) {
        make_schedule(state);
        for (uint32_t block = 0; block < 8; block++) {
            state[block % BLOCK] ^= (uint8_t)next_random(&random);
            encrypt(state);
        }
    }
    return state[0] | (uint32_t)state[5] << 8 | (uint32_t)state[10] << 16 | (uint32_t)state[15] << 24;
}
