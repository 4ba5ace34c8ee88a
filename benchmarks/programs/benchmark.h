/* What every program of the suite defines, and what they share. */
#ifndef BENCHMARK_H
#define BENCHMARK_H

#include <stdint.h>

/* How many rounds take 0.1 to 0.2 s. */
extern const uint32_t benchmark_rounds;

/* Does its work so many times. The checksum of the results depends on their number only: whatever the program
 * reads, it has written since it was called. */
uint32_t benchmark(uint32_t rounds);

/* A function that real firmware has in another file. */
#define SEPARATE __attribute__((noinline, noclone))

#define RANDOM_SEED 2463534242u

/* Marsaglia, Xorshift RNGs, 2003. */
static inline uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static inline uint32_t rotated_right(uint32_t word, uint32_t places)
{
    return word >> places | word << (32 - places);
}

#endif
