/* Goes known ways. The comment behind a line says how often it is executed, then for each of its conditional branches
 * how often either way is gone, the rarer one first: test_coverage.py compares. A line without has no code of its own,
 * or shares it with another one. */
#include "paths/limit.h"
#include "start/system.h"

#define NOINLINE __attribute__((noinline))

static volatile int sink;

NOINLINE static int sign(int value)
{                       /* 5 */
    if (value < 0) {    /* 5: 2 3 */
        return -1;      /* 2 */
    }
    if (value == 0) {   /* 3: 1 2 */
        return 7;       /* 1 */
    }
    return 1;           /* 2 */
}                       /* 5 */

NOINLINE static int divide(int value, int by)
{                         /* 2 */
    if (by == 0) {        /* 2: 0 2 */
        return 0;         /* 0 */
    }
    limit(value, &sink);
    return value / by;    /* 2 */
}                         /* 2 */

NOINLINE static void count_down(volatile int *left)
{                     /* 3 */
    while (*left) {   /* 15: 3 12 */
        *left -= 1;   /* 12 */
    }
}                     /* 3 */

NOINLINE static unsigned factorial(unsigned number)
{                                          /* 6 */
    if (number < 2) {                      /* 6: 1 5 */
        return 1;                          /* 1 */
    }
    return number * factorial(number - 1); /* 5 */
}                                          /* 5 */

NOINLINE static void choose(int which)
{                   /* 7 */
    switch (which) { /* 7: 3 4, 0 3 */
    case 10:
        sink = 100; /* 4 */
        break;
    case 20:
        sink = 200; /* 0 */
        break;      /* 0 */
    default:
        sink = 300; /* 3 */
    }
    sink += 1;      /* 7 */
}                   /* 7 */

NOINLINE static int are_large(int first, int second)
{                                   /* 4 */
    return first > 5 && second > 5; /* 4: 1 3, 1 2 */
}                                   /* 4 */

NOINLINE static void never_called(void)
{             /* 0 */
    sink = 1; /* 0 */
}             /* 0 */

void app_main(void)
{                                                      /* 1 */
    static const int values[] = {-3, -1, 0, 1, 8};
    void (*volatile unused)(void) = never_called;      /* 1 */
    (void)unused;                                      /* 1 */
    for (int i = 0; i < 5; i++) {                      /* 6: 1 5 */
        sink = sign(values[i]);                        /* 5 */
    }
    sink = divide(19, 3);                              /* 1 */
    sink = divide(-9, 3);                              /* 1 */
    for (volatile int left = 3; left < 6; left++) {    /* 4: 1 3 */
        volatile int copy = left;                      /* 3 */
        count_down(&copy);                             /* 3 */
    }
    sink = factorial(6);                               /* 1 */
    for (int i = 0; i < 7; i++) {                      /* 8: 1 7 */
        choose(i < 4 ? 10 : 30);                       /* 7: 3 4 */
    }
    sink = are_large(1, 9);                            /* 1 */
    sink = are_large(9, 1);                            /* 1 */
    sink = are_large(9, 9);                            /* 1 */
    sink = are_large(9, 8);                            /* 1 */
    sink = 20;                                         /* 1 */
    limit(sink, &sink);                                /* 1 */
    sink = 3;                                          /* 1 */
    limit(sink, &sink);                                /* 1 */
}                                                      /* 1 */
