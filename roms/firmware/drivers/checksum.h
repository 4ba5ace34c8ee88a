/* CRC-32 and MD5, computed by the security engine. */
#ifndef DRIVERS_CHECKSUM_H
#define DRIVERS_CHECKSUM_H

#include <stdint.h>

#define CRC32_START 0xFFFFFFFFu
#define MD5_SIZE    16u

/* Goes on from `crc`. Reflected CRC-32 without the final inversion, as everywhere in this chip's images. */
uint32_t crc32(uint32_t crc, const void *data, uint32_t size);

void md5(const void *data, uint32_t size, uint8_t digest[MD5_SIZE]);

#endif
