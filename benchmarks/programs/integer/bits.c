/* Bits of words: counting, mirroring, looking for the first, sets. */
#include "benchmark.h"

#define SET_WORDS 32u

const uint32_t benchmark_rounds = 22000;

static uint32_t set[SET_WORDS];

static SEPARATE uint32_t count_of_ones(uint32_t word)
{
    word -= word >> 1 & 0x55555555;
    word = (word & 0x33333333) + (word >> 2 & 0x33333333);
    word = (word + (word >> 4)) & 0x0F0F0F0F;
    return word * 0x01010101 >> 24;
}

static SEPARATE uint32_t mirrored(uint32_t word)
{
    word = (word >> 1 & 0x55555555) | (word & 0x55555555) << 1;
    word = (word >> 2 & 0x33333333) | (word & 0x33333333) << 2;
    word = (word >> 4 & 0x0F0F0F0F) | (word & 0x0F0F0F0F) << 4;
    word = (word >> 8 & 0x00FF00FF) | (word & 0x00FF00FF) << 8;
    return word >> 16 | word << 16;
}

static SEPARATE uint32_t leading_zeros(uint32_t word)
{
    uint32_t zeros = 0;

    while (zeros < 32 && !(word & 0x80000000)) {
        word <<= 1;
        zeros++;
    }
    return zeros;
}

static SEPARATE uint32_t parity(uint32_t word)
{
    uint32_t odd = 0;

    for (; word; word &= word - 1) {
        odd ^= 1;
    }
    return odd;
}

static void toggle(uint32_t bit)
{
    set[bit / 32 % SET_WORDS] ^= 1u << bit % 32;
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    for (uint32_t i = 0; i < SET_WORDS; i++) {
        set[i] = 0;
    }
    for (; rounds > 0; rounds--) {
        for (uint32_t i = 0; i < 32; i++) {
            toggle(next_random(&random));
        }
        for (uint32_t i = 0; i < SET_WORDS; i++) {
            const uint32_t word = set[i];

            checksum += count_of_ones(word) * 3 + leading_zeros(word) * 5 + parity(word);
            checksum = rotated_right(checksum, 5) ^ mirrored(word);
        }
    }
    return checksum;
}
