/* The security engine: CRC, hashes, random numbers. Source: wm_gpsec_reg_struct.h of wm_iot_sdk. */
#ifndef CHIP_GPSEC_H
#define CHIP_GPSEC_H

#include <stdint.h>

#include "chip/memory_map.h"

struct gpsec_registers {
    volatile uint32_t source;
    volatile uint32_t destination;
    volatile uint32_t config;
    volatile uint32_t control;
    volatile uint32_t key_and_vector[8];
    volatile uint32_t status;
    volatile uint32_t digest[4];
    volatile uint32_t crc; /* also word 4 of a SHA-1 digest */
    volatile uint32_t random;
    volatile uint32_t late_key[2];
    volatile uint32_t trng_control;
};

#define GPSEC_CONFIG_CRC            (6u << 16)
#define GPSEC_CONFIG_MD5            (7u << 16)
#define GPSEC_CONFIG_NO_INTERRUPT   (1u << 19)
#define GPSEC_CONFIG_CRC32          (3u << 21)
#define GPSEC_CONFIG_REVERSED       (3u << 23) /* bits of the result and of each input byte */

#define GPSEC_CONTROL_START         (1u << 0)
#define GPSEC_CONTROL_CLEAR_CRC     (1u << 2)

#define GPSEC_STATUS_DONE           (1u << 16) /* write 1 to clear */

#define GPSEC_TRNG_ENABLE           (1u << 0)
#define GPSEC_TRNG_SELECT           (1u << 1)
#define GPSEC_TRNG_CHARGE_PUMP_4    (4u << 3)
#define GPSEC_TRNG_NO_INTERRUPT     (1u << 6)

#define GPSEC                       ((struct gpsec_registers *)GPSEC_BASE)

#endif
