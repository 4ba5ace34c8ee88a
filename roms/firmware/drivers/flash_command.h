/* One command to the serial flash, from code in SRAM. */
#ifndef DRIVERS_FLASH_COMMAND_H
#define DRIVERS_FLASH_COMMAND_H

#include <stdint.h>

#include "chip/flash.h"

/* Runs one command and waits until the device is ready; data are in the FIFO. No task may run meanwhile: lock
 * the kernel. `busy_ms` is how long the device usually takes. */
void flash_command(uint32_t command_info, uint32_t address, uint32_t busy_ms);

#endif
