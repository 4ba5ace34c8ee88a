/* Filters in fixed point, multiplying and adding 16-bit numbers: finite and infinite response, correlation. */
#include "benchmark.h"

#define SAMPLES 256u
#define TAPS    16u

const uint32_t benchmark_rounds = 3100;

static int16_t samples[SAMPLES + TAPS], filtered[SAMPLES];
static int16_t taps[TAPS];

static int16_t saturated(int32_t value)
{
    return (int16_t)(value > 32767 ? 32767 : value < -32768 ? -32768 : value);
}

static SEPARATE void finite_response(void)
{
    for (uint32_t i = 0; i < SAMPLES; i++) {
        int32_t sum = 0;

        for (uint32_t tap = 0; tap < TAPS; tap++) {
            sum += samples[i + tap] * taps[tap];
        }
        filtered[i] = saturated(sum >> 15);
    }
}

/* One second-order section with coefficients in parts of 16384. */
static SEPARATE void infinite_response(void)
{
    int32_t in1 = 0, in2 = 0, out1 = 0, out2 = 0;

    for (uint32_t i = 0; i < SAMPLES; i++) {
        const int32_t in = filtered[i];
        const int32_t out = saturated((in * 3315 + in1 * 6630 + in2 * 3315 + out1 * 9360 - out2 * 6236) >> 14);

        in2 = in1;
        in1 = in;
        out2 = out1;
        out1 = out;
        filtered[i] = (int16_t)out;
    }
}

static SEPARATE int32_t correlation(uint32_t lag)
{
    int32_t sum = 0;

    for (uint32_t i = 0; i + lag < SAMPLES; i++) {
        sum += filtered[i] * filtered[i + lag] >> 8;
    }
    return sum;
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    for (uint32_t i = 0; i < TAPS; i++) {
        taps[i] = (int16_t)((int32_t)(next_random(&random) >> 20) - 2048);
    }
    for (uint32_t i = 0; i < SAMPLES + TAPS; i++) {
        samples[i] = (int16_t)(next_random(&random) >> 16);
    }
    for (; rounds > 0; rounds--) {
        samples[rounds % SAMPLES] = (int16_t)checksum;
        finite_response();
        infinite_response();
        checksum = checksum * 33 + (uint32_t)correlation(rounds % 8);
    }
    return checksum;
}
