/* What the parts of the self-test share. */
#ifndef SELFTEST_CHECK_H
#define SELFTEST_CHECK_H

#include <stdbool.h>

/* Prints a line, and counts it if it is a failure. */
void check(const char *name, bool is_good);

void test_ota(void);

#endif
