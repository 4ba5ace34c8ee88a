#include "float/calculations.h"

float dot_product(void)
{
    float sum = 0.0f;

    for (int32_t i = 1; i <= 16; i++) {
        sum += 1.0f / (float)i * ((float)i * 0.1f);
    }
    return sum;
}

float square_root(float x)
{
    float root = 1.0f;

    for (uint32_t i = 0; i < 8; i++) {
        root = (root + x / root) * 0.5f;
    }
    return root;
}

float exponential(float x)
{
    float sum = 0.0f, term = 1.0f;

    for (uint32_t i = 1; i <= 12; i++) {
        sum += term;
        term = term * x / (float)i;
    }
    return sum;
}

static uint32_t escape_time(float real, float imaginary)
{
    float x = 0.0f, y = 0.0f;
    uint32_t time = 0;

    while (time < 8 && x * x + y * y < 4.0f) {
        const float next_x = x * x - y * y + real;

        y = x * y * 2.0f + imaginary;
        x = next_x;
        time++;
    }
    return time;
}

uint32_t escape_times(void)
{
    uint32_t sum = 0;

    for (int32_t row = 0; row < 4; row++) {
        for (int32_t column = 0; column < 4; column++) {
            sum = sum * 3 + escape_time((float)column * 0.75f - 2.0f, (float)row * 0.3f - 0.5f);
        }
    }
    return sum;
}

static double arc_tangent(double x)
{
    double sum = 0.0, power = x;

    for (int32_t i = 1; i < 16; i += 2) {
        sum += i % 4 == 1 ? power / i : -(power / i);
        power = power * x * x;
    }
    return sum;
}

double pi(void)
{
    return 4.0 * (4.0 * arc_tangent(1.0 / 5.0) - arc_tangent(1.0 / 239.0));
}

uint64_t double_bits(double value)
{
    return (union { double value; uint64_t bits; }){.value = value}.bits;
}
