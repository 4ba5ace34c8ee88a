/* Measured values: from words of a converter to physical ones and back, with smoothing, polynomials and limits. */
#include "benchmark.h"

#define CHANNELS 16u

struct channel {
    float offset;
    float gain;
    float smoothed;
    float least;
    float most;
    uint32_t alarms;
};

const uint32_t benchmark_rounds = 31000;

static struct channel channels[CHANNELS];

/* Of a thermistor, in degrees, by a polynomial in the logarithm's place. */
static float temperature_of(float voltage)
{
    return ((-1.3f * voltage + 9.7f) * voltage - 42.5f) * voltage + 98.25f;
}

static SEPARATE int32_t measure(struct channel *channel, uint32_t word)
{
    const float voltage = ((float)(int32_t)word - channel->offset) * channel->gain;
    const float temperature = temperature_of(voltage);

    channel->smoothed += (temperature - channel->smoothed) * 0.125f;
    if (channel->smoothed < channel->least) {
        channel->least = channel->smoothed;
    } else if (channel->smoothed > channel->most) {
        channel->most = channel->smoothed;
    }
    if (temperature > 90.0f) {
        channel->alarms++;
    }
    return (int32_t)(channel->smoothed * 16.0f);
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    for (uint32_t i = 0; i < CHANNELS; i++) {
        channels[i] = (struct channel){(float)(int32_t)i, 3.3f / 4096.0f, 25.0f, 25.0f, 25.0f, 0};
    }
    for (; rounds > 0; rounds--) {
        for (uint32_t i = 0; i < CHANNELS; i++) {
            checksum = checksum * 33 + (uint32_t)measure(&channels[i], next_random(&random) >> 20);
        }
        checksum += channels[rounds % CHANNELS].alarms + (uint32_t)(int32_t)channels[0].most;
    }
    return checksum;
}
