/* A knob at PB10 and PB11, whose turns are told, and a buzzer at PB12 that PWM makes sound. */
#include "board/parts.h"
#include "board/pins.h"
#include "kernel/kernel.h"
#include "runtime/log.h"

struct pwm_registers {
    volatile uint32_t dividers01, dividers23, control, periods, period_counts, compare;
};

#define PWM        ((struct pwm_registers *)0x40011E00u)
#define PWM_ENABLE (1u << 27)
#define PWM_REPEAT (1u << 8)
#define A          PB(10)
#define B          PB(11)
#define BUZZER     PB(12)

static void sound(uint32_t frequency_hz)
{
    pin_give(BUZZER, 2);
    PWM->dividers01 = 40000000u / (200u * frequency_hz);
    PWM->periods = 199;
    PWM->compare = 99;
    PWM->control = PWM_REPEAT | PWM_ENABLE;
}

/* Counts notches until it has been still for a while. */
void run_knob(void)
{
    int32_t notches = 0;
    uint32_t still = 0;

    pin_input(A);
    pin_input(B);
    LOG("knob: ready");
    for (bool was_high = true; still < 100u; still++) {
        const bool is_high = pin_get(A);

        if (was_high && !is_high) {
            notches += pin_get(B) ? 1 : -1;
            sound(notches > 0 ? 1000u : 500u);
            still = 0;
        }
        was_high = is_high;
        task_sleep_ms(1);
    }
    LOG("knob: %c%u", notches < 0 ? '-' : '+', (uint32_t)(notches < 0 ? -notches : notches));
    PWM->control = 0;
}
