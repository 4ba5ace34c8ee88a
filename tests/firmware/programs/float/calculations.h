/* Longer calculations whose last bit depends on every step.
 * The results are what tests/firmware/test_float_programs.py computes. */
#ifndef FLOAT_CALCULATIONS_H
#define FLOAT_CALCULATIONS_H

#include <stdint.h>

#define DOT_PRODUCT      0x3FCCCCCF
#define SQUARE_ROOT_OF_2 0x3FB504F3
#define EXPONENTIAL_OF_1 0x402DF855
#define ESCAPE_TIMES     0x030FA5C8
#define PI               0x400921FB5444229F

/* Of (1/1, 1/2, ... 1/16) and (0.1, 0.2, ... 1.6). */
float dot_product(void);

/* By Newton's method: eight steps from 1. */
float square_root(float x);

/* By its series: 12 terms. */
float exponential(float x);

/* How long z * z + c stays small, summed over an 4 by 4 grid of c. */
uint32_t escape_times(void);

/* By Machin's formula, in double precision: 8 terms of each series. */
double pi(void);

uint64_t double_bits(double value);

#endif
