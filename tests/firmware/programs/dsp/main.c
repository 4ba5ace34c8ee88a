/* The DSP instructions; the values expected follow from what each one means. */
#include "check/cases.h"
#include "check/check.h"
#include "start/system.h"

extern const struct instruction_case dsp_saturating[], dsp_packed[], dsp_multiply[], dsp_memory[];

void app_main(void)
{
    log_version();
    check_cases("saturating", dsp_saturating);
    check_cases("packed", dsp_packed);
    check_cases("multiply", dsp_multiply);
    check_cases("memory", dsp_memory);
    check_done();
}
