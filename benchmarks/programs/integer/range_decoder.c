/* What unpacking xz costs: a range decoder with adaptive probabilities, literals and matches, as in LZMA.
 * It decodes random bytes: any bytes are an encoding of something. */
#include "benchmark.h"

#define INPUT_SIZE   512u
#define WINDOW_SIZE  4096u
#define OUTPUT_BYTES 500u
#define HALF         1024u /* of a probability: 2048 is certain */
#define ADAPT_SHIFT  5u
#define LENGTH_BITS  4u
#define SLOT_BITS    4u

struct decoder {
    uint32_t range;
    uint32_t code;
    uint32_t place;
};

const uint32_t benchmark_rounds = 2000;

static uint8_t input[INPUT_SIZE], window[WINDOW_SIZE];
static uint16_t is_match[2], literals[8][256], lengths[1u << LENGTH_BITS], slots[1u << SLOT_BITS];

static void reset_probabilities(uint16_t *probabilities, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        probabilities[i] = HALF;
    }
}

static void normalise(struct decoder *decoder)
{
    if (decoder->range < 1u << 24) {
        decoder->range <<= 8;
        decoder->code = decoder->code << 8 | input[decoder->place++ % INPUT_SIZE];
    }
}

static inline uint32_t decode_bit(struct decoder *decoder, uint16_t *probability)
{
    uint32_t bound;

    normalise(decoder);
    bound = (decoder->range >> 11) * *probability;
    if (decoder->code < bound) {
        decoder->range = bound;
        *probability = (uint16_t)(*probability + ((2048 - *probability) >> ADAPT_SHIFT));
        return 0;
    }
    decoder->range -= bound;
    decoder->code -= bound;
    *probability = (uint16_t)(*probability - (*probability >> ADAPT_SHIFT));
    return 1;
}

static uint32_t decode_even_bits(struct decoder *decoder, uint32_t count)
{
    uint32_t value = 0;

    for (; count > 0; count--) {
        normalise(decoder);
        decoder->range >>= 1;
        value <<= 1;
        if (decoder->code >= decoder->range) {
            decoder->code -= decoder->range;
            value |= 1;
        }
    }
    return value;
}

static SEPARATE uint32_t decode_tree(struct decoder *decoder, uint16_t *probabilities, uint32_t bits)
{
    uint32_t symbol = 1;

    for (uint32_t i = 0; i < bits; i++) {
        symbol = symbol << 1 | decode_bit(decoder, &probabilities[symbol]);
    }
    return symbol - (1u << bits);
}

static SEPARATE uint32_t decode(struct decoder *decoder)
{
    uint32_t written = 0, after_match = 0, checksum = 0;

    while (written < OUTPUT_BYTES) {
        if (decode_bit(decoder, &is_match[after_match])) {
            const uint32_t slot = decode_tree(decoder, slots, SLOT_BITS) % 11;
            const uint32_t distance = 1 + (1u << slot) - 1 + decode_even_bits(decoder, slot);
            uint32_t length = 2 + decode_tree(decoder, lengths, LENGTH_BITS);

            for (; length > 0; length--, written++) {
                window[written % WINDOW_SIZE] = window[(written - distance) % WINDOW_SIZE];
            }
            after_match = 1;
        } else {
            const uint32_t context = window[(written - 1) % WINDOW_SIZE] >> 5;

            window[written++ % WINDOW_SIZE] = (uint8_t)decode_tree(decoder, literals[context], 8);
            after_match = 0;
        }
    }
    for (uint32_t i = 0; i < OUTPUT_BYTES; i += 4) {
        checksum = checksum * 31 + window[i];
    }
    return checksum;
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    for (uint32_t i = 0; i < WINDOW_SIZE; i++) {
        window[i] = 0;
    }
    for (; rounds > 0; rounds--) {
        struct decoder decoder = {~0u, next_random(&random), 0};

        for (uint32_t i = 0; i < INPUT_SIZE; i++) {
            input[i] = (uint8_t)next_random(&random);
        }
        reset_probabilities(is_match, 2);
        reset_probabilities(literals[0], 8 * 256);
        reset_probabilities(lengths, 1u << LENGTH_BITS);
        reset_probabilities(slots, 1u << SLOT_BITS);
        checksum = checksum * 33 + decode(&decoder);
    }
    return checksum;
}
