/* The contracts of wm_ota_ops_*: what is refused, and with which error. */
#include "selftest/ota.h"

#include "check/check.h"
#include "chip/memory_map.h"
#include "drivers/checksum.h"
#include "drivers/flash.h"
#include "ota/wm_ota_ops.h"
#include "runtime/string.h"

#define BODY_SIZE 6000u /* more than a sector */

static wm_ota_ops_ctx_t context;

static struct {
    wm_ota_header_t header;
    uint8_t body[BODY_SIZE];
} image;

static void seal(void)
{
    image.header.hd_checksum = crc32(CRC32_START, &image.header, OTA_FW_HEADER_SIZE_IN_BIN - 4);
}

/* A good image, for the tests to spoil. */
static void make_image(void)
{
    const uint32_t app = FLASH_BASE + context.app_addr;

    for (uint32_t i = 0; i < BODY_SIZE; i++) {
        image.body[i] = (uint8_t)(i * 7);
    }
    image.header = (wm_ota_header_t){
        .magic_no = IMAGE_MAGIC,
        .img_attr = 1,
        .img_addr = app + IMAGE_RUN_OFFSET,
        .img_len = BODY_SIZE,
        .img_header_addr = app,
        .upgrade_img_addr = FLASH_BASE + context.app_ota_addr,
        .org_checksum = crc32(CRC32_START, image.body, BODY_SIZE),
        .ver = "next",
    };
    seal();
}

static int write_header(void)
{
    wm_ota_ops_begin(&context, OTA_WITH_SEQUENTIAL_WRITES);
    return wm_ota_ops_write(&context, (const uint8_t *)&image, OTA_FW_HEADER_SIZE_IN_BIN);
}

static void test_parameters(void)
{
    wm_ota_ops_ctx_t empty = {0};

    check("ota: no context", wm_ota_ops_get_ota_partition(0) == WM_ERR_INVALID_PARAM);
    check("ota: no partition", wm_ota_ops_begin(&empty, 0) == WM_ERR_INVALID_PARAM);
    check("ota: nothing written", wm_ota_ops_end(&empty) == WM_ERR_INVALID_PARAM);
    check("ota: partitions", wm_ota_ops_get_ota_partition(&context) == WM_ERR_SUCCESS);
    check("ota: more than the partition",
          wm_ota_ops_begin(&context, context.app_ota_size + 1) == WM_ERR_OTA_FW_OVERFLOW);
}

static void test_headers(void)
{
    make_image();
    image.header.magic_no++;
    check("ota: magic number", write_header() == WM_ERR_OTA_HEADER_INVALID);
    make_image();
    image.header.img_attr = IMAGE_TYPE_BOOTLOADER;
    check("ota: a bootloader", write_header() == WM_ERR_OTA_HEADER_INVALID);
    make_image();
    image.header.img_attr |= IMAGE_GZIP;
    check("ota: gzip", write_header() == WM_ERR_OTA_HEADER_INVALID);
    make_image();
    image.header.img_addr += 4;
    check("ota: run address", write_header() == WM_ERR_OTA_HEADER_INVALID);
    make_image();
    image.header.img_len = context.app_ota_size;
    check("ota: size", write_header() == WM_ERR_OTA_FW_OVERFLOW);
    make_image();
    image.header.upd_no++;
    check("ota: header checksum", write_header() == WM_ERR_OTA_CRC_ERROR);
}

static void test_whole_image(void)
{
    const uint8_t *bytes = (const uint8_t *)&image;
    uint8_t stored[64];

    make_image();
    check("ota: header", write_header() == WM_ERR_SUCCESS);
    check("ota: body", wm_ota_ops_write(&context, bytes + OTA_FW_HEADER_SIZE_IN_BIN, BODY_SIZE) == WM_ERR_SUCCESS);
    check("ota: body checksum", wm_ota_ops_end(&context) == WM_ERR_SUCCESS);
    flash_read(context.app_ota_addr + 4090, stored, sizeof stored);
    check("ota: across a sector", memcmp(stored, bytes + 4090, sizeof stored) == 0);

    write_header();
    image.body[BODY_SIZE - 1] ^= 1;
    wm_ota_ops_write(&context, bytes + OTA_FW_HEADER_SIZE_IN_BIN, BODY_SIZE);
    check("ota: damaged body", wm_ota_ops_end(&context) == WM_ERR_OTA_CRC_ERROR);

    context.wrote_addr = context.app_ota_addr + context.app_ota_size - 8;
    check("ota: past the partition", wm_ota_ops_write(&context, bytes, 16) == WM_ERR_NOT_ALLOWED);
    wm_ota_ops_abort(&context);
    check("ota: aborted", wm_ota_ops_write(&context, bytes, 16) == WM_ERR_INVALID_PARAM);
}

void test_ota(void)
{
    test_parameters();
    test_headers();
    test_whole_image();
}
