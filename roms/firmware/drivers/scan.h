/* Listening for Bluetooth LE devices. */
#ifndef DRIVERS_SCAN_H
#define DRIVERS_SCAN_H

#include <stdint.h>

#define LONGEST_SCAN_SLOTS 0x4000u

/* Listen for that many slots of 625 us; how many it took, or 0 if the link layer did not do it. */
uint32_t scan_for(uint32_t slots);

#endif
