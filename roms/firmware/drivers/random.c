/* The noise source gives the seed (register use: wm_hal_rng.c of wm_iot_sdk), a xorshift goes on from it. */
#include "drivers/random.h"

#include "chip/gpsec.h"

static uint32_t state;

void random_start(void)
{
    const uint32_t generator = GPSEC_TRNG_SELECT | GPSEC_TRNG_CHARGE_PUMP_4;

    GPSEC->status = GPSEC_STATUS_DONE;
    GPSEC->trng_control = generator | GPSEC_TRNG_ENABLE;
    while (!(GPSEC->status & GPSEC_STATUS_DONE)) {
    }
    GPSEC->status = GPSEC_STATUS_DONE;
    state = GPSEC->random | 1; /* a xorshift stays at 0 */
    GPSEC->trng_control = GPSEC_TRNG_NO_INTERRUPT;
}

/* Marsaglia, Xorshift RNGs, 2003. */
uint32_t random_number(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}
