/* I2C as a master: by the block of the chip at PA1 and PA4, or by a program at any two pins. */
#ifndef BOARD_I2C_H
#define BOARD_I2C_H

#include <stdbool.h>
#include <stdint.h>

struct i2c {
    bool is_program; /* false: the block */
    uint32_t scl, sda;
};

extern const struct i2c I2C_BLOCK;

void i2c_start(const struct i2c *bus, uint32_t speed_hz);

/* Without a stop the next transfer begins with a repeated start. False: somebody has not acknowledged. */
bool i2c_write(const struct i2c *bus, uint32_t address, const uint8_t *data, uint32_t size, bool stops);
bool i2c_read(const struct i2c *bus, uint32_t address, uint8_t *data, uint32_t size);

#endif
