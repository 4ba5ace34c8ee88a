/* What the test programs share: a line for each check, "PASS" or "FAIL", and one for the end. */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include <stdbool.h>

/* Prints a line, and counts it if it is a failure. */
void check(const char *name, bool is_good);

/* Prints the last line. */
void check_done(void);

#endif
