/* Pins by their numbers: PA0 is 0, PB0 is 16. Source: wm_gpio_reg_struct.h, wm_io_mux.h of wm_iot_sdk. */
#ifndef BOARD_PINS_H
#define BOARD_PINS_H

#include <stdbool.h>
#include <stdint.h>

#define PA(number) (number)
#define PB(number) (16u + (number))

/* Gives a pin to one of the blocks that share it, 1 to 4. */
void pin_give(uint32_t pin, uint32_t function);

/* Takes a pin back: an input with a pull-up, or an output. */
void pin_input(uint32_t pin);
void pin_output(uint32_t pin);
void pin_put(uint32_t pin, bool level);
bool pin_get(uint32_t pin);

void wait_us(uint32_t duration_us);

/* Microseconds since some time, for differences; it goes on from 2^32 / 80. */
uint32_t time_us(void);

#endif
