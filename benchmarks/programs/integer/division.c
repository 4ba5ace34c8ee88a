/* Divisions: dates, greatest common divisors, baud rates. */
#include "benchmark.h"

const uint32_t benchmark_rounds = 21000;

static SEPARATE uint32_t greatest_common_divisor(uint32_t one, uint32_t other)
{
    while (other) {
        const uint32_t rest = one % other;

        one = other;
        other = rest;
    }
    return one;
}

/* Year, month and day of a number of days since 1 March of year 0, as in Howard Hinnant's days algorithms. */
static SEPARATE uint32_t date_of(uint32_t days)
{
    const uint32_t era = days / 146097, day_of_era = days % 146097;
    const uint32_t year = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const uint32_t day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    const uint32_t month = (5 * day_of_year + 2) / 153, day = day_of_year - (153 * month + 2) / 5 + 1;

    return (year + era * 400) << 9 | month << 5 | day;
}

/* The divider of a clock that makes the smallest error, in parts of 16. */
static SEPARATE uint32_t divider_of(uint32_t clock_hz, uint32_t baud_rate)
{
    const uint32_t whole = clock_hz / (baud_rate * 16), rest = clock_hz % (baud_rate * 16);

    return whole << 16 | rest * 16 / (baud_rate * 16);
}

static SEPARATE int32_t average(const int32_t *values, int32_t count)
{
    int32_t sum = 0;

    for (int32_t i = 0; i < count; i++) {
        sum += values[i];
    }
    return sum / count;
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;
    int32_t values[16];

    for (; rounds > 0; rounds--) {
        for (uint32_t i = 0; i < 16; i++) {
            const uint32_t word = next_random(&random);

            values[i] = (int32_t)(word >> 8) - (1 << 23);
            checksum = checksum * 33 + greatest_common_divisor(word >> 16, (word & 0xFFF) | 1);
            checksum = checksum * 33 + date_of(word >> 12);
            checksum = checksum * 33 + divider_of(40000000 + (word & 0xFFFF), 1200 + (word >> 18));
            checksum += (uint32_t)average(values, (int32_t)i + 1);
        }
    }
    return checksum;
}
