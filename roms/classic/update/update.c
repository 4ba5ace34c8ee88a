/* An update as the W800 SDK 1.x makes it (wm_fwup.c): the gzip image goes to the upgrade address, and its
 * checksum into the last sector of the flash, where the second bootloader looks whether there is one to install. */
#include "classic/update.h"
#include "chip/memory_map.h"
#include "drivers/flash.h"
#include "kernel/kernel.h"
#include "ota/image_header.h"
#include "runtime/log.h"
#include "runtime/string.h"
#include "start/reboot.h"

#define TAG            "update"
#define LOG_DRAINS_MS  20u

extern const uint8_t new_image[], new_image_end[]; /* new_image.S */

void update(void)
{
    const uint32_t size = (uint32_t)(new_image_end - new_image);
    const uint32_t sectors = (size + FLASH_SECTOR_SIZE - 1) / FLASH_SECTOR_SIZE;
    const uint32_t flag_offset = flash_identity()->size_bytes - FLASH_SECTOR_SIZE;
    wm_ota_header_t header;

    memcpy(&header, new_image, sizeof header);
    const uint32_t offset = header.upgrade_img_addr - FLASH_BASE;
    if (!flash_erase(offset, sectors * FLASH_SECTOR_SIZE) || !flash_program(offset, new_image, size) ||
        !flash_erase(flag_offset, FLASH_SECTOR_SIZE) ||
        !flash_program(flag_offset, &header.org_checksum, sizeof header.org_checksum)) {
        log_error(TAG, "the flash refuses");
        return;
    }
    log_info(TAG, "%u bytes at %08x, reboot", size, header.upgrade_img_addr);
    task_sleep_ms(LOG_DRAINS_MS);
    reboot(REBOOT_OTA);
}
