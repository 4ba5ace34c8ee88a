/* Assembly of the interrupt test. */
#ifndef INTERRUPTS_HOLD_H
#define INTERRUPTS_HOLD_H

#include <stdint.h>

/* Fills r0 to r13, r15 and C, loops, and returns 0 if all of it is still there. */
uint32_t hold_registers(uint32_t seed, uint32_t loops);

/* The same with r16 to r31, which only one task may use. */
uint32_t hold_all_registers(uint32_t seed, uint32_t loops);

/* Entry of an interrupt that lets no other in: without nie and nir. */
void plain_entry(void);

#endif
