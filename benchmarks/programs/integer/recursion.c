/* Functions that call themselves: Fibonacci, Ackermann, Takeuchi. */
#include "benchmark.h"

const uint32_t benchmark_rounds = 3100;

static SEPARATE uint32_t fibonacci(uint32_t n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static SEPARATE uint32_t ackermann(uint32_t m, uint32_t n)
{
    if (m == 0) {
        return n + 1;
    }
    return ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

static SEPARATE int32_t takeuchi(int32_t x, int32_t y, int32_t z)
{
    if (y >= x) {
        return z;
    }
    return takeuchi(takeuchi(x - 1, y, z), takeuchi(y - 1, z, x), takeuchi(z - 1, x, y));
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0;

    for (; rounds > 0; rounds--) {
        checksum = checksum * 33 + fibonacci(12 + (checksum & 1));
        checksum = checksum * 33 + ackermann(2, 5 + (checksum & 3));
        checksum = checksum * 33 + (uint32_t)takeuchi(8, 4, (int32_t)(checksum & 3));
    }
    return checksum;
}
