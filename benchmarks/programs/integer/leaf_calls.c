/* Calls of functions of a few instructions, as of drivers that read and change registers. */
#include "benchmark.h"

#define PINS 32u

const uint32_t benchmark_rounds = 25000;

static uint32_t outputs, inputs, modes[PINS / 8];

static SEPARATE uint32_t mask_of(uint32_t pin)
{
    return 1u << (pin & 31);
}

static SEPARATE uint32_t input(void)
{
    return inputs;
}

static SEPARATE void set_input(uint32_t value)
{
    inputs = value;
}

static SEPARATE void set(uint32_t mask)
{
    outputs |= mask;
}

static SEPARATE void clear(uint32_t mask)
{
    outputs &= ~mask;
}

static SEPARATE uint32_t mode_of(uint32_t pin)
{
    return modes[pin / 8 & 3] >> pin % 8 * 4 & 15;
}

static SEPARATE uint32_t larger(uint32_t one, uint32_t other)
{
    return one > other ? one : other;
}

static SEPARATE uint32_t limited(uint32_t value, uint32_t most)
{
    return value > most ? most : value;
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    outputs = 0;
    for (uint32_t i = 0; i < PINS / 8; i++) {
        modes[i] = next_random(&random);
    }
    for (; rounds > 0; rounds--) {
        set_input(checksum ^ rounds);
        for (uint32_t pin = 0; pin < PINS; pin++) {
            if (input() & mask_of(pin)) {
                set(mask_of(pin));
            } else {
                clear(mask_of(pin));
            }
            checksum += larger(mode_of(pin), limited(pin, 10));
        }
        checksum = checksum * 33 + outputs;
    }
    return checksum;
}
