/* The 64 bytes before every image. Source: wm_ota_ops.h and bin2img.py of wm_iot_sdk. */
#ifndef OTA_IMAGE_HEADER_H
#define OTA_IMAGE_HEADER_H

#include <stdint.h>

#define OTA_FW_HEADER_SIZE_IN_BIN 0x40u
#define IMAGE_MAGIC               0xA0FFFF9Fu
#define IMAGE_RUN_OFFSET          0x400u /* from the header to the code */
#define IMAGE_VERSION_SIZE        16u

#define IMAGE_TYPE(attribute)        ((attribute)&0xFu)
#define IMAGE_TYPE_BOOTLOADER        0x0u
#define IMAGE_TYPE_FACTORY_TEST      0xEu
#define IMAGE_GZIP                   (1u << 16)
#define IMAGE_COMPRESSION(attribute) ((attribute) >> 20 & 3u)
#define IMAGE_XZ                     1u

typedef struct {
    uint32_t magic_no;
    uint32_t img_attr;
    uint32_t img_addr; /* where the image runs; this and the next addresses are the CPU's */
    uint32_t img_len;
    uint32_t img_header_addr;
    uint32_t upgrade_img_addr;
    uint32_t org_checksum; /* of the body, compressed if it is */
    uint32_t upd_no;
    char ver[IMAGE_VERSION_SIZE];
    uint32_t boot_flags;
    uint32_t reserved;
    uint32_t next;
    uint32_t hd_checksum; /* of the bytes before it */
} wm_ota_header_t;

_Static_assert(sizeof(wm_ota_header_t) == OTA_FW_HEADER_SIZE_IN_BIN, "no padding");

#endif
