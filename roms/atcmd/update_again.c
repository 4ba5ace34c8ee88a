/* The copy is read from where the CPU executes it. Its header gets the next update number, a version that says so,
 * and a new checksum; without compression the body is the same. */
#include "atcmd/update_again.h"

#include <stdbool.h>

#include "chip/memory_map.h"
#include "drivers/checksum.h"
#include "ota/ota_update.h"
#include "ota/wm_ota_ops.h"
#include "runtime/format.h"
#include "runtime/log.h"
#include "runtime/string.h"
#include "start/version.h"

#define TAG "atcmd"

extern const wm_ota_header_t image_header; /* this firmware's, in flash: firmware.ld */
extern const uint8_t image_body[];

static wm_ota_header_t next_header;

uint32_t update_number(void)
{
    return image_header.upd_no;
}

static void make_next_header(void)
{
    next_header = image_header;
    next_header.upd_no++;
    format_text(next_header.ver, sizeof next_header.ver, "%s+%u", FIRMWARE_VERSION, next_header.upd_no);
    next_header.hd_checksum = crc32(CRC32_START, &next_header, sizeof next_header - sizeof next_header.hd_checksum);
}

static void read_copy(uint32_t offset, uint8_t *data, uint32_t size)
{
    while (size > 0) {
        const bool in_header = offset < OTA_FW_HEADER_SIZE_IN_BIN;
        const uint32_t header_left = OTA_FW_HEADER_SIZE_IN_BIN - offset;
        const uint32_t part = in_header && header_left < size ? header_left : size;
        const uint8_t *from = in_header ? (const uint8_t *)&next_header + offset
                                        : image_body + (offset - OTA_FW_HEADER_SIZE_IN_BIN);
        memcpy(data, from, part);
        data += part;
        offset += part;
        size -= part;
    }
}

void update_again(void)
{
    if (image_header.magic_no != IMAGE_MAGIC) {
        log_error(TAG, "this firmware has no image header to copy");
        return;
    }
    make_next_header();
    if (ota_update(TAG, read_copy, OTA_FW_HEADER_SIZE_IN_BIN + next_header.img_len) == WM_ERR_SUCCESS) {
        wm_ota_ops_reboot();
    }
}
