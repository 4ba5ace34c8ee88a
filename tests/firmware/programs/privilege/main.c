/* Modes, stack pointers, exceptions and trace mode of the CPU, each from assembly. */
#include <stdint.h>

#include "check/cases.h"
#include "check/check.h"
#include "privilege/privilege.h"
#include "start/system.h"

#define VECTOR_TRACE  6
#define VECTOR_TRAP_2 18
#define VECTOR_TSPEND 22

extern const struct instruction_case faults[], modes[], trace[];

static void catch_everything(void)
{
    extern void (*__vectors_in_ram[])(void);

    for (uint32_t vector = 1; vector < VECTOR_TSPEND; vector++) {
        __vectors_in_ram[vector] = note_entry;
    }
    __vectors_in_ram[VECTOR_TRACE] = trace_entry;
}

static void nest_in_trap_2(void)
{
    extern void (*__vectors_in_ram[])(void);

    __vectors_in_ram[VECTOR_TRAP_2] = nesting_entry;
}

void app_main(void)
{
    log_version();
    catch_everything();
    check_cases("faults", faults);
    check_cases("trace mode", trace);
    nest_in_trap_2();
    check_cases("modes", modes);
    check_done();
}
