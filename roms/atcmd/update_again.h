/* A second update without a server: the running firmware becomes the new one. */
#ifndef ATCMD_UPDATE_AGAIN_H
#define ATCMD_UPDATE_AGAIN_H

#include <stdint.h>

/* Counts updates: 0 for the firmware as built, one more after each AT+OTA. */
uint32_t update_number(void);

/* Writes a copy of the running image, uncompressed and with the next number, to "app_ota" and resets the chip
 * for the bootloader to take it. Comes back only if that failed, which is logged. */
void update_again(void);

#endif
