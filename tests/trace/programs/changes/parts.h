/* What the builds of this program do, each in a file of its own. */
#ifndef CHANGES_PARTS_H
#define CHANGES_PARTS_H

#include <stdint.h>

#define SAMPLES 64

/* Keeps a result in the last sector of the flash. */
void store(uint32_t number, uint32_t result);

/* Sums of neighbours. */
void smooth(const uint16_t *samples, uint16_t *smoothed);

/* A checksum over samples. */
uint32_t check(const uint16_t *samples);

#endif
