/* Sleeping with the PMU's timer as the alarm clock. */
#ifndef DRIVERS_SLEEP_H
#define DRIVERS_SLEEP_H

#include <stdint.h>

#define LONGEST_SLEEP_S 0xFFFFu

/* The CPU stops and goes on where it was. */
void sleep_for(uint32_t seconds);

/* All but the always-on domain loses its supply; the chip starts anew, with reason REBOOT_STANDBY. */
void standby_for(uint32_t seconds) __attribute__((noreturn));

#endif
