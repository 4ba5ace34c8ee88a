/* Fourier transform of complex numbers in place: Cooley and Tukey, An algorithm for the machine calculation of complex
 * Fourier series, 1965. */
#include "benchmark.h"

#define LOG_SIZE 7u
#define SIZE     (1u << LOG_SIZE)

struct complex {
    float real;
    float imaginary;
};

const uint32_t benchmark_rounds = 1300;

static struct complex values[SIZE], roots[SIZE / 2];

/* The roots of unity from the rotation by one of them: cosine and sine of 2 pi / 128. */
static void make_roots(void)
{
    const struct complex step = {0.9987954562f, -0.0490676743f};

    roots[0] = (struct complex){1.0f, 0.0f};
    for (uint32_t i = 1; i < SIZE / 2; i++) {
        const struct complex last = roots[i - 1];

        roots[i].real = last.real * step.real - last.imaginary * step.imaginary;
        roots[i].imaginary = last.real * step.imaginary + last.imaginary * step.real;
    }
}

static void mirror_places(void)
{
    for (uint32_t i = 1, mirrored = 0; i < SIZE; i++) {
        uint32_t bit = SIZE >> 1;

        for (; mirrored & bit; bit >>= 1) {
            mirrored ^= bit;
        }
        mirrored ^= bit;
        if (i < mirrored) {
            const struct complex swapped = values[i];

            values[i] = values[mirrored];
            values[mirrored] = swapped;
        }
    }
}

static SEPARATE void transform(void)
{
    mirror_places();
    for (uint32_t half = 1; half < SIZE; half *= 2) {
        const uint32_t stride = SIZE / 2 / half;

        for (uint32_t first = 0; first < SIZE; first += half * 2) {
            for (uint32_t i = 0; i < half; i++) {
                struct complex *one = &values[first + i], *other = one + half;
                const struct complex root = roots[i * stride];
                const float real = other->real * root.real - other->imaginary * root.imaginary;
                const float imaginary = other->real * root.imaginary + other->imaginary * root.real;

                other->real = one->real - real;
                other->imaginary = one->imaginary - imaginary;
                one->real = one->real + real;
                one->imaginary = one->imaginary + imaginary;
            }
        }
    }
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    make_roots();
    for (; rounds > 0; rounds--) {
        for (uint32_t i = 0; i < SIZE; i++) {
            values[i].real = (float)(int32_t)(next_random(&random) >> 16);
            values[i].imaginary = 0.0f;
        }
        transform();
        for (uint32_t i = 0; i < SIZE; i += 5) {
            checksum = checksum * 33 + (uint32_t)(int32_t)values[i].real;
            checksum = checksum * 33 + (uint32_t)(int32_t)values[i].imaginary;
        }
    }
    return checksum;
}
