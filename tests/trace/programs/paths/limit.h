/* Code in a header, which becomes part of two functions, of one of them twice. */
#ifndef PATHS_LIMIT_H
#define PATHS_LIMIT_H

static inline __attribute__((always_inline)) void limit(volatile int value, volatile int *result)
{
    *result = value;  /* 4 */
    if (value > 10) { /* 4: 2 2 */
        *result = 10; /* 2 */
    }
}

#endif
