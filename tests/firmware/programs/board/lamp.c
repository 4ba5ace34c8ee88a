/* A lamp at PB0 that a button at PB5 switches; at PB1 another one that PWM dims. */
#include "board/parts.h"
#include "board/pins.h"
#include "chip/rcc.h"
#include "kernel/kernel.h"
#include "runtime/log.h"

/* Source: wm_pwm_reg_struct.h of wm_iot_sdk. */
struct pwm_registers {
    volatile uint32_t dividers01;
    volatile uint32_t dividers23;
    volatile uint32_t control;
    volatile uint32_t periods;
    volatile uint32_t period_counts;
    volatile uint32_t compare;
};

#define PWM                ((struct pwm_registers *)0x40011E00u)
#define PWM_ENABLE(n)      (1u << (27u + (n)))
#define PWM_REPEAT(n)      (1u << (8u + (n)))
#define RCC_CLOCK_PWM      (1u << 8)
#define LAMP               PB(0)
#define DIMMED             PB(1)
#define BUTTON             PB(5)

static void dim(uint32_t quarters)
{
    RCC->clock_enable |= RCC_CLOCK_PWM;
    pin_give(DIMMED, 1);
    PWM->dividers01 = 40u << 16; /* 1 MHz for channel 1 */
    PWM->periods = 99u << 8;
    PWM->compare = (25u * quarters - 1u) << 8;
    PWM->control = PWM_REPEAT(1) | PWM_ENABLE(1);
}

void run_lamp(void)
{
    pin_input(BUTTON);
    pin_output(LAMP);
    pin_put(LAMP, true);
    dim(1);
    LOG("lamp: ready");
    for (bool was_pressed = false, is_lit = false;;) {
        const bool is_pressed = !pin_get(BUTTON);

        if (is_pressed && !was_pressed) {
            is_lit = !is_lit;
            pin_put(LAMP, !is_lit);
            LOG("lamp: %s", is_lit ? "on" : "off");
        }
        was_pressed = is_pressed;
        task_sleep_ms(5);
    }
}
