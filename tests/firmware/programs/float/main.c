/* Floating point in C: built once for the FPU and once for the compiler's own functions (see roms/Makefile). */
#include <stdint.h>

#include "check/cases.h"
#include "check/check.h"
#include "float/calculations.h"
#include "runtime/log.h"
#include "start/system.h"

union single {
    uint32_t bits;
    float value;
};

#define VECTOR(operation, a, b, result) {#operation, operation, a, b, result},

static uint32_t bits_of(float value)
{
    return (union single){.value = value}.bits;
}

static float float_of(uint32_t bits)
{
    return (union single){.bits = bits}.value;
}

/* Named as in vectors.h. */
static uint32_t add(uint32_t a, uint32_t b)
{
    return bits_of(float_of(a) + float_of(b));
}

static uint32_t subtract(uint32_t a, uint32_t b)
{
    return bits_of(float_of(a) - float_of(b));
}

static uint32_t multiply(uint32_t a, uint32_t b)
{
    return bits_of(float_of(a) * float_of(b));
}

static uint32_t divide(uint32_t a, uint32_t b)
{
    return bits_of(float_of(a) / float_of(b));
}

static uint32_t less(uint32_t a, uint32_t b)
{
    return float_of(a) < float_of(b);
}

static uint32_t equal(uint32_t a, uint32_t b)
{
    return float_of(a) == float_of(b);
}

static uint32_t to_int(uint32_t a, uint32_t unused)
{
    (void)unused;
    return (uint32_t)(int32_t)float_of(a);
}

static uint32_t to_uint(uint32_t a, uint32_t unused)
{
    (void)unused;
    return (uint32_t)float_of(a);
}

static uint32_t from_int(uint32_t a, uint32_t unused)
{
    (void)unused;
    return bits_of((float)(int32_t)a);
}

static uint32_t from_uint(uint32_t a, uint32_t unused)
{
    (void)unused;
    return bits_of((float)a);
}

static const struct {
    const char *name;
    uint32_t (*operation)(uint32_t, uint32_t);
    uint32_t a;
    uint32_t b;
    uint32_t result;
} vectors[] = {
#include "float/vectors.h"
};

static bool check_vectors(void)
{
    bool is_good = true;

    for (uint32_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const uint32_t result = vectors[i].operation(vectors[i].a, vectors[i].b);

        if (result != vectors[i].result) {
            is_good = false;
            log_error(PROGRAM, "%s of %08x %08x gives %08x", vectors[i].name, vectors[i].a, vectors[i].b, result);
        }
    }
    return is_good;
}

void app_main(void)
{
    log_version();
    check("vectors", check_vectors());
    check("dot product", bits_of(dot_product()) == DOT_PRODUCT);
    check("square root", bits_of(square_root(2.0f)) == SQUARE_ROOT_OF_2);
    check("exponential", bits_of(exponential(1.0f)) == EXPONENTIAL_OF_1);
    check("escape times", escape_times() == ESCAPE_TIMES);
    check("double precision", double_bits(pi()) == PI);
#ifdef __CSKY_HARD_FLOAT__
    extern const struct instruction_case fpu_instructions[];
    check_cases("FPU instructions", fpu_instructions);
#endif
    check_done();
}
