/* Products of integer matrices. */
#include "benchmark.h"

#define SIZE 24u

const uint32_t benchmark_rounds = 760;

static int32_t left[SIZE][SIZE], right[SIZE][SIZE], product[SIZE][SIZE];

static void fill(int32_t matrix[SIZE][SIZE], uint32_t *random)
{
    for (uint32_t row = 0; row < SIZE; row++) {
        for (uint32_t column = 0; column < SIZE; column++) {
            matrix[row][column] = (int32_t)(next_random(random) >> 20) - 2048;
        }
    }
}

static void multiply(void)
{
    for (uint32_t row = 0; row < SIZE; row++) {
        for (uint32_t column = 0; column < SIZE; column++) {
            int32_t sum = 0;

            for (uint32_t i = 0; i < SIZE; i++) {
                sum += left[row][i] * right[i][column];
            }
            product[row][column] = sum;
        }
    }
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    for (; rounds > 0; rounds--) {
        fill(left, &random);
        fill(right, &random);
        multiply();
        for (uint32_t i = 0; i < SIZE; i++) {
            checksum = checksum * 17 + (uint32_t)product[i][SIZE - 1 - i];
        }
    }
    return checksum;
}
