/* Quick sort of words, with insertion for the short parts. */
#include "benchmark.h"

#define WORDS 1024u
#define SHORT 8

const uint32_t benchmark_rounds = 610;

static uint32_t words[WORDS];

static void insertion_sort(uint32_t *first, const uint32_t *last)
{
    for (uint32_t *next = first + 1; next <= last; next++) {
        const uint32_t word = *next;
        uint32_t *place = next;

        for (; place > first && place[-1] > word; place--) {
            *place = place[-1];
        }
        *place = word;
    }
}

static void quick_sort(uint32_t *first, uint32_t *last)
{
    while (last - first > SHORT) {
        const uint32_t pivot = first[(last - first) / 2];
        uint32_t *low = first, *high = last;

        while (low <= high) {
            while (*low < pivot) {
                low++;
            }
            while (*high > pivot) {
                high--;
            }
            if (low <= high) {
                const uint32_t swapped = *low;
                *low++ = *high;
                *high-- = swapped;
            }
        }
        quick_sort(first, high);
        first = low;
    }
    insertion_sort(first, last);
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    for (; rounds > 0; rounds--) {
        for (uint32_t i = 0; i < WORDS; i++) {
            words[i] = next_random(&random);
        }
        quick_sort(words, words + WORDS - 1);
        for (uint32_t i = 1; i < WORDS; i++) {
            checksum = checksum * 31 + (words[i] ^ words[i - 1]);
        }
    }
    return checksum;
}
