/* More code than caches hold: hundreds of functions, each of which runs once a round. */
#include "benchmark.h"

/* What a function computes depends on its number, known when it is compiled. */
#define FUNCTION(n)                                                                                         \
    static SEPARATE uint32_t function_##n(uint32_t a, uint32_t b)                                           \
    {                                                                                                       \
        uint32_t *const word = &words[(n) * 7 % WORDS];                                                     \
                                                                                                            \
        a += b >> ((n) % 13 + 1);                                                                           \
        if ((n) % 2 ? a & 4 : a > b) {                                                                      \
            a ^= *word + (n) * 2654435761u;                                                                 \
            b += a << ((n) % 5 + 2);                                                                        \
        } else {                                                                                            \
            b -= (n) % 3 ? *word : a >> 7;                                                                  \
            a = a * ((n) | 1) + b;                                                                          \
        }                                                                                                   \
        *word = b;                                                                                          \
        return (n) % 4 == 0 ? a + words[a % WORDS] : (n) % 4 == 1 ? a - (b ^ (n)) : a ^ b >> 3;             \
    }

#define CALL(n)     a = function_##n(a, b += a);
#define TEN(M, t)   M(t##0) M(t##1) M(t##2) M(t##3) M(t##4) M(t##5) M(t##6) M(t##7) M(t##8) M(t##9)
#define HUNDRED(M, h)                                                                                       \
    TEN(M, h##0) TEN(M, h##1) TEN(M, h##2) TEN(M, h##3) TEN(M, h##4)                                        \
    TEN(M, h##5) TEN(M, h##6) TEN(M, h##7) TEN(M, h##8) TEN(M, h##9)
#define ALL(M)      HUNDRED(M, 1) HUNDRED(M, 2) HUNDRED(M, 3) HUNDRED(M, 4) HUNDRED(M, 5) HUNDRED(M, 6)
#define WORDS       128u

const uint32_t benchmark_rounds = 860;

static uint32_t words[WORDS];

ALL(FUNCTION)

uint32_t benchmark(uint32_t rounds)
{
    uint32_t a = 1, b = 2;

    for (uint32_t i = 0; i < WORDS; i++) {
        words[i] = i;
    }
    for (; rounds > 0; rounds--) {
        ALL(CALL)
    }
    return a ^ b;
}
