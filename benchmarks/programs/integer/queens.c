/* Backtracking: the ways to put as many queens on a board as it has rows so that none threatens another. */
#include "benchmark.h"

#define SIZE 6

const uint32_t benchmark_rounds = 2100;

static int8_t column_of[SIZE];

static SEPARATE uint32_t is_safe(int row, int column)
{
    for (int other = 0; other < row; other++) {
        const int distance = column_of[other] - column;

        if (distance == 0 || distance == row - other || distance == other - row) {
            return 0;
        }
    }
    return 1;
}

static SEPARATE uint32_t solutions(int row, int rows)
{
    uint32_t found = 0;

    if (row == rows) {
        return 1;
    }
    for (int column = 0; column < rows; column++) {
        if (is_safe(row, column)) {
            column_of[row] = (int8_t)column;
            found += solutions(row + 1, rows) * (uint32_t)(column + 1);
        }
    }
    return found;
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0;

    for (; rounds > 0; rounds--) {
        checksum = checksum * 33 + solutions(0, SIZE - (int)(checksum & 1));
    }
    return checksum;
}
