/* CRC-32 with a table, CRC-16 bit by bit, and the Fletcher sum. */
#include "benchmark.h"

#define SIZE_BYTES       512u
#define CRC32_POLYNOMIAL 0xEDB88320u
#define CRC16_POLYNOMIAL 0x1021u

const uint32_t benchmark_rounds = 2400;

static uint8_t data[SIZE_BYTES];
static uint32_t table[256];

static void make_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t entry = i;

        for (uint32_t bit = 0; bit < 8; bit++) {
            entry = entry & 1 ? entry >> 1 ^ CRC32_POLYNOMIAL : entry >> 1;
        }
        table[i] = entry;
    }
}

static SEPARATE uint32_t crc32(const uint8_t *bytes, uint32_t size_bytes)
{
    uint32_t crc = ~0u;

    for (uint32_t i = 0; i < size_bytes; i++) {
        crc = table[(crc ^ bytes[i]) & 0xFF] ^ crc >> 8;
    }
    return ~crc;
}

static SEPARATE uint32_t crc16(const uint8_t *bytes, uint32_t size_bytes)
{
    uint32_t crc = 0xFFFF;

    for (uint32_t i = 0; i < size_bytes; i++) {
        crc ^= (uint32_t)bytes[i] << 8;
        for (uint32_t bit = 0; bit < 8; bit++) {
            crc = crc & 0x8000 ? crc << 1 ^ CRC16_POLYNOMIAL : crc << 1;
        }
    }
    return crc & 0xFFFF;
}

static SEPARATE uint32_t fletcher(const uint8_t *bytes, uint32_t size_bytes)
{
    uint32_t low = 0, high = 0;

    for (uint32_t i = 0; i < size_bytes; i++) {
        low += bytes[i];
        high += low;
    }
    return high % 65535 << 16 | low % 65535;
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    make_table();
    for (uint32_t i = 0; i < SIZE_BYTES; i++) {
        data[i] = (uint8_t)next_random(&random);
    }
    for (; rounds > 0; rounds--) {
        data[rounds % SIZE_BYTES] = (uint8_t)checksum;
        checksum = checksum * 33 + crc32(data, SIZE_BYTES);
        checksum = checksum * 33 + crc16(data, SIZE_BYTES);
        checksum = checksum * 33 + fletcher(data, SIZE_BYTES);
    }
    return checksum;
}
