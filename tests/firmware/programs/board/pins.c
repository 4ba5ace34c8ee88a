#include "board/pins.h"

#include "chip/gpio.h"

#define PORT(pin) ((struct gpio_registers *)((pin) < 16u ? GPIOB_BASE - 0x200u : GPIOB_BASE))
#define BIT(pin)  (1u << ((pin) & 15u) << ((pin) >= 32u ? 16u : 0u))

/* The core timer counts the clocks of a tick down: 80 a microsecond. */
#define CORE_TIMER_LOAD  (*(volatile uint32_t *)(CORE_TIMER_BASE + 4u))
#define CORE_TIMER_VALUE (*(volatile uint32_t *)(CORE_TIMER_BASE + 8u))
#define CLOCKS_PER_US    80u

static void set(volatile uint32_t *word, uint32_t bit, bool is_set)
{
    *word = is_set ? *word | bit : *word & ~bit;
}

void pin_give(uint32_t pin, uint32_t function)
{
    struct gpio_registers *const port = PORT(pin);

    set(&port->alternate_select_1, BIT(pin), (function - 1u) & 2u);
    set(&port->alternate_select_0, BIT(pin), (function - 1u) & 1u);
    set(&port->alternate_enable, BIT(pin), true);
}

void pin_input(uint32_t pin)
{
    struct gpio_registers *const port = PORT(pin);

    set(&port->alternate_enable, BIT(pin), false);
    set(&port->data_enable, BIT(pin), true);
    set(&port->pull_up, BIT(pin), false);
    set(&port->direction, BIT(pin), false);
}

void pin_output(uint32_t pin)
{
    struct gpio_registers *const port = PORT(pin);

    set(&port->alternate_enable, BIT(pin), false);
    set(&port->data_enable, BIT(pin), true);
    set(&port->direction, BIT(pin), true);
}

void pin_put(uint32_t pin, bool level)
{
    set(&PORT(pin)->data, BIT(pin), level);
}

bool pin_get(uint32_t pin)
{
    return (PORT(pin)->data & BIT(pin)) != 0;
}

/* Called more often than once a tick. */
static uint32_t clocks_since(uint32_t *before)
{
    const uint32_t now = CORE_TIMER_VALUE;
    const uint32_t clocks = *before >= now ? *before - now : *before + CORE_TIMER_LOAD + 1u - now;

    *before = now;
    return clocks;
}

void wait_us(uint32_t duration_us)
{
    uint32_t before = CORE_TIMER_VALUE;

    for (uint32_t clocks = 0; clocks < duration_us * CLOCKS_PER_US;) {
        clocks += clocks_since(&before);
    }
}

uint32_t time_us(void)
{
    static uint32_t clocks, before;

    clocks += clocks_since(&before);
    return clocks / CLOCKS_PER_US;
}
