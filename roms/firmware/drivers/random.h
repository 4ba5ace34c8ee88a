/* Random numbers, seeded from the chip's noise source. */
#ifndef DRIVERS_RANDOM_H
#define DRIVERS_RANDOM_H

#include <stdint.h>

void random_start(void);
uint32_t random_number(void);

#endif
