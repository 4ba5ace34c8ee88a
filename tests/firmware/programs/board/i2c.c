/* Source: wm_i2c_reg_struct.h, wm_ll_i2c.h of wm_iot_sdk; for the bits NXP UM10204. */
#include "board/i2c.h"

#include "board/pins.h"

struct i2c_registers {
    volatile uint32_t divider_low, divider_high;
    volatile uint32_t control;
    volatile uint32_t data;
    volatile uint32_t command; /* written; read: status */
};

#define I2C             ((struct i2c_registers *)0x40010000u)
#define ENABLE          (1u << 7)
#define MASKED          (1u << 6)
#define START           (1u << 7)
#define STOP            (1u << 6)
#define READ            (1u << 5)
#define WRITE           (1u << 4)
#define NOT_ACKNOWLEDGE (1u << 3)
#define IN_PROGRESS     (1u << 1)
#define REFUSED         (1u << 7)
#define APB_HZ          40000000u

const struct i2c I2C_BLOCK = {false, PA(1), PA(4)};

/* ---- by the block ---- */

/* Gives the status behind it. */
static uint32_t carry_out(uint32_t command)
{
    uint32_t status;

    I2C->command = command;
    do {
        status = I2C->command;
    } while (status & IN_PROGRESS);
    return status;
}

static bool block_write_byte(uint8_t byte, uint32_t command)
{
    I2C->data = byte;
    return (carry_out(command | WRITE) & REFUSED) == 0;
}

/* ---- by a program: an output that is low, or an input ---- */

static void line(uint32_t pin, bool level)
{
    if (level) {
        pin_input(pin);
    } else {
        pin_put(pin, false);
        pin_output(pin);
    }
}

static bool clock_bit(const struct i2c *bus, bool bit)
{
    line(bus->sda, bit);
    line(bus->scl, true);
    while (!pin_get(bus->scl)) { /* somebody needs time */
    }
    const bool seen = pin_get(bus->sda);
    line(bus->scl, false);
    return seen;
}

static void program_start(const struct i2c *bus)
{
    line(bus->sda, true);
    line(bus->scl, true);
    line(bus->sda, false);
    line(bus->scl, false);
}

static void program_stop(const struct i2c *bus)
{
    line(bus->sda, false);
    line(bus->scl, true);
    line(bus->sda, true);
}

static bool program_write_byte(const struct i2c *bus, uint8_t byte)
{
    for (uint32_t bit = 0x80; bit != 0; bit >>= 1) {
        clock_bit(bus, (byte & bit) != 0);
    }
    return !clock_bit(bus, true);
}

static uint8_t program_read_byte(const struct i2c *bus, bool is_last)
{
    uint8_t byte = 0;

    for (uint32_t bit = 0; bit < 8; bit++) {
        byte = (uint8_t)(byte << 1 | clock_bit(bus, true));
    }
    clock_bit(bus, is_last);
    return byte;
}

/* ---- both ---- */

void i2c_start(const struct i2c *bus, uint32_t speed_hz)
{
    if (bus->is_program) {
        line(bus->sda, true);
        line(bus->scl, true);
        return;
    }
    const uint32_t divider = APB_HZ * 2u / (11u * speed_hz) - 1u;

    pin_give(bus->scl, 2);
    pin_give(bus->sda, 2);
    I2C->divider_low = divider & 0xFFu;
    I2C->divider_high = divider >> 8;
    I2C->control = ENABLE | MASKED;
}

static bool begin(const struct i2c *bus, uint32_t address_byte)
{
    if (bus->is_program) {
        program_start(bus);
        return program_write_byte(bus, (uint8_t)address_byte);
    }
    return block_write_byte((uint8_t)address_byte, START);
}

static void stop(const struct i2c *bus)
{
    if (bus->is_program) {
        program_stop(bus);
    } else {
        carry_out(STOP);
    }
}

bool i2c_write(const struct i2c *bus, uint32_t address, const uint8_t *data, uint32_t size, bool stops)
{
    bool is_good = begin(bus, address << 1);

    while (is_good && size-- > 0) {
        is_good = bus->is_program ? program_write_byte(bus, *data) : block_write_byte(*data, 0);
        data++;
    }
    if (stops || !is_good) {
        stop(bus);
    }
    return is_good;
}

bool i2c_read(const struct i2c *bus, uint32_t address, uint8_t *data, uint32_t size)
{
    const bool is_good = begin(bus, address << 1 | 1u);

    while (is_good && size-- > 0) {
        if (bus->is_program) {
            *data++ = program_read_byte(bus, size == 0);
        } else {
            carry_out(READ | (size == 0 ? NOT_ACKNOWLEDGE : 0));
            *data++ = (uint8_t)I2C->data;
        }
    }
    stop(bus);
    return is_good;
}
