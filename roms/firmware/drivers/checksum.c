/* Register use follows wm_hal_crc.c and wm_hal_hash.c of wm_iot_sdk. */
#include "drivers/checksum.h"

#include "chip/gpsec.h"
#include "runtime/string.h"

#define LARGEST_JOB 65532u /* the size field has 16 bits */
#define MD5_BLOCK   64u

static void run_job(uint32_t config, const void *data, uint32_t size)
{
    GPSEC->config = config | GPSEC_CONFIG_NO_INTERRUPT | size;
    GPSEC->source = (uint32_t)data;
    GPSEC->status = GPSEC_STATUS_DONE;
    GPSEC->control = GPSEC_CONTROL_START;
    while (!(GPSEC->status & GPSEC_STATUS_DONE)) {
    }
    GPSEC->status = GPSEC_STATUS_DONE;
}

static uint32_t reversed(uint32_t value)
{
    uint32_t result = 0;

    for (int i = 0; i < 32; i++, value >>= 1) {
        result = result << 1 | (value & 1);
    }
    return result;
}

uint32_t crc32(uint32_t crc, const void *data, uint32_t size)
{
    const uint8_t *next = data;

    while (size > 0) {
        const uint32_t part = size < LARGEST_JOB ? size : LARGEST_JOB;
        GPSEC->crc = reversed(crc); /* the engine reverses what it gives, not what it takes */
        run_job(GPSEC_CONFIG_CRC | GPSEC_CONFIG_CRC32 | GPSEC_CONFIG_REVERSED, next, part);
        crc = GPSEC->crc;
        GPSEC->control = GPSEC_CONTROL_CLEAR_CRC;
        next += part;
        size -= part;
    }
    return crc;
}

void md5(const void *data, uint32_t size, uint8_t digest[MD5_SIZE])
{
    static const uint32_t start[4] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
    const uint8_t *next = data;
    uint8_t block[MD5_BLOCK];
    uint32_t left = size;
    const uint32_t bits = size * 8;

    for (int i = 0; i < 4; i++) {
        GPSEC->digest[i] = start[i];
    }
    for (; left >= MD5_BLOCK; left -= MD5_BLOCK, next += MD5_BLOCK) {
        memcpy(block, next, MD5_BLOCK);
        run_job(GPSEC_CONFIG_MD5, block, MD5_BLOCK);
    }
    /* The end: a 1 bit, zeros, and the length in the last 8 bytes (RFC 1321, 3.1 and 3.2). */
    memset(block, 0, sizeof block);
    memcpy(block, next, left);
    block[left] = 0x80;
    if (left >= MD5_BLOCK - 8) {
        run_job(GPSEC_CONFIG_MD5, block, MD5_BLOCK);
        memset(block, 0, sizeof block);
    }
    memcpy(block + MD5_BLOCK - 8, &bits, sizeof bits);
    run_job(GPSEC_CONFIG_MD5, block, MD5_BLOCK);
    for (uint32_t i = 0; i < 4; i++) {
        const uint32_t word = GPSEC->digest[i];
        memcpy(digest + 4 * i, &word, 4);
    }
}
