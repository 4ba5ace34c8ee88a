/* The serial flash. Offsets count from its start, not from where the CPU sees it. */
#ifndef DRIVERS_FLASH_H
#define DRIVERS_FLASH_H

#include <stdbool.h>
#include <stdint.h>

struct flash_identity {
    uint8_t manufacturer; /* JEDEC */
    uint32_t size_bytes;
    uint8_t unique_id[16];
};

/* False if no device answers. */
bool flash_start(void);
const struct flash_identity *flash_identity(void);

/* False, and nothing is done, if the range is not all inside the device; erasing needs whole sectors. */
bool flash_read(uint32_t offset, void *data, uint32_t size);
bool flash_erase(uint32_t offset, uint32_t size);

/* Programming only clears bits: erase first. */
bool flash_program(uint32_t offset, const void *data, uint32_t size);

#endif
