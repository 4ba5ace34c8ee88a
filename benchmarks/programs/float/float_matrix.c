/* Products of matrices of floats, and a system of linear equations by Gaussian elimination. */
#include "benchmark.h"

#define SIZE 12u

const uint32_t benchmark_rounds = 1200;

static float left[SIZE][SIZE], right[SIZE][SIZE], product[SIZE][SIZE], solution[SIZE];

static void fill(float matrix[SIZE][SIZE], uint32_t *random)
{
    for (uint32_t row = 0; row < SIZE; row++) {
        for (uint32_t column = 0; column < SIZE; column++) {
            matrix[row][column] = (float)(int32_t)(next_random(random) >> 22) * 0.01f - 5.0f;
        }
        matrix[row][row] += 40.0f; /* no pivot is near 0 */
    }
}

static SEPARATE void multiply(void)
{
    for (uint32_t row = 0; row < SIZE; row++) {
        for (uint32_t column = 0; column < SIZE; column++) {
            float sum = 0.0f;

            for (uint32_t i = 0; i < SIZE; i++) {
                sum += left[row][i] * right[i][column];
            }
            product[row][column] = sum;
        }
    }
}

static SEPARATE void solve(float matrix[SIZE][SIZE])
{
    for (uint32_t pivot = 0; pivot < SIZE; pivot++) {
        for (uint32_t row = pivot + 1; row < SIZE; row++) {
            const float factor = matrix[row][pivot] / matrix[pivot][pivot];

            for (uint32_t column = pivot; column < SIZE; column++) {
                matrix[row][column] -= factor * matrix[pivot][column];
            }
            solution[row] -= factor * solution[pivot];
        }
    }
    for (uint32_t row = SIZE; row-- > 0;) {
        for (uint32_t column = row + 1; column < SIZE; column++) {
            solution[row] -= matrix[row][column] * solution[column];
        }
        solution[row] = solution[row] / matrix[row][row];
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
            solution[i] = (float)(int32_t)(i + rounds % 16) * 100.0f;
        }
        solve(product);
        for (uint32_t i = 0; i < SIZE; i++) {
            checksum = checksum * 33 + (uint32_t)(int32_t)(solution[i] * 100000.0f);
        }
    }
    return checksum;
}
