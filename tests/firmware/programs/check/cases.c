#include "check/cases.h"

#include "check/check.h"
#include "runtime/format.h"
#include "runtime/log.h"
#include "runtime/string.h"

/* run_code.S: loads r0 to r3, calls the code, and stores them. */
void run_code(void (*code)(void), uint32_t *registers);

void check_cases(const char *title, const struct instruction_case *cases)
{
    bool is_good = true;
    uint32_t count = 0;
    char text[48];

    for (; cases[count].name; count++) {
        const struct instruction_case *one = &cases[count];
        uint32_t registers[4];

        memcpy(registers, one->before, sizeof registers);
        run_code(one->code, registers);
        if (memcmp(registers, one->behind, sizeof registers) != 0) {
            is_good = false;
            log_error(PROGRAM, "%s gives %08x %08x %08x %08x", one->name, registers[0], registers[1],
                      registers[2], registers[3]);
        }
    }
    format_text(text, sizeof text, "%s, %u cases", title, count);
    check(text, is_good);
}
