#include "check/check.h"

#include <stdint.h>

#include "runtime/log.h"

static uint32_t failures;

void check(const char *name, bool is_good)
{
    failures += !is_good;
    log_info(PROGRAM, "%s: %s", name, is_good ? "PASS" : "FAIL");
}

void check_done(void)
{
    log_info(PROGRAM, "done, %u failed", failures);
}
