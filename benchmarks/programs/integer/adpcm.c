/* IMA ADPCM, as in the recommended practices of the Interactive Multimedia Association, 1992: sound in 4 bits a sample. */
#include "benchmark.h"

#define SAMPLES 256u
#define STEPS   89

struct predictor {
    int32_t value;
    int32_t index;
};

const uint32_t benchmark_rounds = 3200;

static int16_t samples[SAMPLES], decoded[SAMPLES];
static uint8_t codes[SAMPLES / 2];
static int32_t steps[STEPS];

/* Each step is a tenth larger than the one before. */
static void make_steps(void)
{
    int32_t step = 7 * 256;

    for (int32_t i = 0; i < STEPS; i++) {
        steps[i] = step >> 8;
        step += step / 10;
    }
}

static int32_t limited(int32_t value, int32_t least, int32_t most)
{
    return value < least ? least : value > most ? most : value;
}

static int32_t decode(struct predictor *predictor, uint32_t code)
{
    static const int8_t changes[8] = {-1, -1, -1, -1, 2, 4, 6, 8};
    const int32_t step = steps[predictor->index];
    int32_t change = step >> 3;

    if (code & 4) {
        change += step;
    }
    if (code & 2) {
        change += step >> 1;
    }
    if (code & 1) {
        change += step >> 2;
    }
    predictor->value = limited(predictor->value + (code & 8 ? -change : change), -32768, 32767);
    predictor->index = limited(predictor->index + changes[code & 7], 0, STEPS - 1);
    return predictor->value;
}

static uint32_t encode(struct predictor *predictor, int32_t sample)
{
    int32_t rest = sample - predictor->value, step = steps[predictor->index];
    uint32_t code = 0;

    if (rest < 0) {
        rest = -rest;
        code = 8;
    }
    for (uint32_t bit = 4; bit > 0; bit >>= 1) {
        if (rest >= step) {
            rest -= step;
            code |= bit;
        }
        step >>= 1;
    }
    decode(predictor, code);
    return code;
}

static SEPARATE void encode_all(void)
{
    struct predictor predictor = {0, 0};

    for (uint32_t i = 0; i < SAMPLES; i += 2) {
        const uint32_t low = encode(&predictor, samples[i]);

        codes[i / 2] = (uint8_t)(encode(&predictor, samples[i + 1]) << 4 | low);
    }
}

static SEPARATE void decode_all(void)
{
    struct predictor predictor = {0, 0};

    for (uint32_t i = 0; i < SAMPLES; i += 2) {
        decoded[i] = (int16_t)decode(&predictor, codes[i / 2] & 15);
        decoded[i + 1] = (int16_t)decode(&predictor, codes[i / 2] >> 4);
    }
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;
    int32_t sample = 0;

    make_steps();
    for (uint32_t i = 0; i < SAMPLES; i++) {
        sample += ((int32_t)(next_random(&random) >> 19) - 4096) - sample / 8;
        samples[i] = (int16_t)limited(sample, -32768, 32767);
    }
    for (; rounds > 0; rounds--) {
        samples[rounds % SAMPLES] = (int16_t)checksum;
        encode_all();
        decode_all();
        checksum = checksum * 33 + (uint16_t)decoded[rounds * 7 % SAMPLES] + codes[rounds * 5 % (SAMPLES / 2)];
    }
    return checksum;
}
