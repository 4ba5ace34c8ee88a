/* Does some work, of which there are several builds for the comparison of traces. It prints nothing: waiting for a
 * UART would change with everything else. */
#include "changes/parts.h"
#include "start/system.h"

static uint16_t samples[SAMPLES], smoothed[SAMPLES];

__attribute__((noinline)) void finished(void)
{
    __asm__ volatile("");
}

void app_main(void)
{
    for (uint32_t i = 0; i < SAMPLES; i++) {
        samples[i] = i * 37;
    }
    for (uint32_t number = 0; number < 3; number++) {
        store(number, number * 1000);
    }
    for (uint32_t round = 0; round < 2; round++) {
        smooth(samples, smoothed);
        samples[0] += check(smoothed);
    }
    finished();
}
