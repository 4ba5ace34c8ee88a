/* What the factory wrote into the flash of this one chip. */
#ifndef STORAGE_FACTORY_PARAMETERS_H
#define STORAGE_FACTORY_PARAMETERS_H

#include <stdint.h>

#define MAC_ADDRESS_SIZE 6u

/* Reads the block or its backup; without a valid one the default address is used. */
void factory_parameters_start(void);

const uint8_t *factory_mac_address(void);

#endif
