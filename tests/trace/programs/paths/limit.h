/* Code in a header, which becomes part of two functions. */
#ifndef PATHS_LIMIT_H
#define PATHS_LIMIT_H

static inline __attribute__((always_inline)) void limit(volatile int value, volatile int *result)
{
    *result = value;  /* 3 */
    if (value > 10) { /* 3: 1 2 */
        *result = 10; /* 2 */
    }
}

#endif
