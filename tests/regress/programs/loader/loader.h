/* A small loader with an update and a setting; built with one of these bugs, or with none:
 *
 * EARLY_ERASE        erases the image before it has checked the update
 * HEADER_FIRST       copies the header before the body
 * NO_RETRY           takes the mark that an update is there away before it is installed
 * SETTINGS_IN_PLACE  erases the setting, then writes the new one to the same place */
#ifndef LOADER_LOADER_H
#define LOADER_LOADER_H

#include <stdbool.h>
#include <stdint.h>

#include "chip/memory_map.h"

#define BODY_SIZE  (2 * FLASH_SECTOR_SIZE)
#define IMAGE_SIZE (FLASH_SECTOR_SIZE + BODY_SIZE) /* the header has a sector of its own */

/* Erased places for images; offsets from the start of the flash. */
extern uint32_t active, staged;

/* Writes an image as a download does: header first. */
void download(uint32_t place, uint32_t version);

/* Installs what has been downloaded, if anything is; the version of the image that runs, 0: there is none. */
uint32_t load(void);

/* The setting: one character. */
void setting_start(uint32_t place);
char setting_get(void);
void setting_set(char value);

#endif
