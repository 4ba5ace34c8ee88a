/* Updating the firmware over the air: names and contracts of wm_ota_ops.h in wm_iot_sdk.
 *
 * An image goes to the partition "app_ota"; after the reset the bootloader checks it, unpacks it and moves it to
 * "app". A call order that works: get_ota_partition, begin, write until all is written, end, reboot. */
#ifndef OTA_WM_OTA_OPS_H
#define OTA_WM_OTA_OPS_H

#include <stdint.h>

#include "ota/image_header.h"
#include "storage/wm_error.h"

#define OTA_SIZE_UNKNOWN           0xFFFFFFFFu /* erase the whole partition now */
#define OTA_WITH_SEQUENTIAL_WRITES 0xFFFFFFFEu /* erase each sector when its turn comes */

enum {
    WM_ERR_OTA_NO_INIT = -10001,
    WM_ERR_OTA_HEADER_INVALID = -10002,
    WM_ERR_OTA_SAME_VERSION = -10003,
    WM_ERR_OTA_CRC_ERROR = -10004,
    WM_ERR_OTA_FW_OVERFLOW = -10005,
};

typedef struct {
    uint32_t app_addr; /* offsets in flash */
    uint32_t app_size;
    uint32_t app_ota_addr;
    uint32_t app_ota_size;
    uint32_t need_erase;
    uint32_t wrote_addr; /* where the next byte goes */
    wm_ota_header_t ota_header;
    uint32_t crc;
} wm_ota_ops_ctx_t;

int wm_ota_ops_get_ota_partition(wm_ota_ops_ctx_t *context);
int wm_ota_ops_begin(wm_ota_ops_ctx_t *context, uint32_t image_size);
int wm_ota_ops_write(wm_ota_ops_ctx_t *context, const uint8_t *data, uint32_t size); /* the header in one piece */
int wm_ota_ops_end(wm_ota_ops_ctx_t *context);
int wm_ota_ops_reboot(void); /* does not come back, unlike the SDK's, which dies soon after */
int wm_ota_ops_abort(wm_ota_ops_ctx_t *context);
int wm_ota_ops_get_version(char *version); /* 16 bytes */

#endif
