/* Format: wm_ft_param.c of wm_iot_sdk. Only the addresses matter here: there is no radio. */
#include "storage/factory_parameters.h"

#include <stdbool.h>

#include "drivers/checksum.h"
#include "drivers/flash.h"
#include "runtime/string.h"

#define BLOCK_OFFSET  0x0000u
#define BACKUP_OFFSET 0x1000u
#define BLOCK_MAGIC   0xA0FFFF9Fu

struct factory_block {
    uint32_t magic;
    uint32_t crc; /* of all that follows */
    uint8_t wifi_mac[MAC_ADDRESS_SIZE];
    uint16_t version;
    uint8_t bluetooth_mac[MAC_ADDRESS_SIZE];
    uint16_t extension_size;
    uint32_t radio[6];
    uint8_t transmit_gain[84];
};

/* Locally administered: bit 1 of the first byte. */
static uint8_t mac_address[MAC_ADDRESS_SIZE] = {0x02, 0x00, 0x00, 0x80, 0x00, 0x01};

static bool read_block(uint32_t offset, struct factory_block *block)
{
    const uint32_t checked = sizeof *block - 2 * sizeof(uint32_t);

    return flash_read(offset, block, sizeof *block) && block->magic == BLOCK_MAGIC &&
           crc32(CRC32_START, block->wifi_mac, checked) == block->crc;
}

static bool is_address(const uint8_t *address)
{
    uint8_t all_ones = 0xFF;
    uint8_t any = 0;

    for (uint32_t i = 0; i < MAC_ADDRESS_SIZE; i++) {
        all_ones &= address[i];
        any |= address[i];
    }
    return any != 0 && all_ones != 0xFF;
}

void factory_parameters_start(void)
{
    struct factory_block block;

    if ((read_block(BLOCK_OFFSET, &block) || read_block(BACKUP_OFFSET, &block)) && is_address(block.wifi_mac)) {
        memcpy(mac_address, block.wifi_mac, MAC_ADDRESS_SIZE);
    }
}

const uint8_t *factory_mac_address(void)
{
    return mac_address;
}
