/* Built with SLOW it does its work bit by bit. */
#include "changes/parts.h"

static uint32_t step(uint32_t sum, uint32_t sample)
{
#ifdef SLOW
    for (uint32_t bit = 0; bit < 16; bit++) {
        sum += sample & 1u << bit;
    }
    return sum;
#else
    return sum + sample;
#endif
}

uint32_t check(const uint16_t *samples)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < SAMPLES; i++) {
        sum = step(sum, samples[i]);
    }
    return sum;
}
