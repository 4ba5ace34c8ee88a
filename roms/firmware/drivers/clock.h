/* The clock tree. */
#ifndef DRIVERS_CLOCK_H
#define DRIVERS_CLOCK_H

#define CPU_HZ 80000000u
#define APB_HZ 40000000u

/* Sets the frequencies above and gives clocks to the blocks this firmware uses. */
void clock_start(void);

#endif
