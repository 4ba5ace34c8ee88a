/* One build has its compiler optimise this file for speed. */
#include "changes/parts.h"

void smooth(const uint16_t *samples, uint16_t *smoothed)
{
    for (uint32_t i = 1; i + 1 < SAMPLES; i++) {
        uint32_t sum = 0;
        for (uint32_t neighbour = i - 1; neighbour <= i + 1; neighbour++) {
            sum += samples[neighbour];
        }
        smoothed[i] = sum / 3;
    }
}
