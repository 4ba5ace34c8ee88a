/* Sensors on the I2C block, each asked once as its data sheet says. */
#include "board/i2c.h"
#include "board/parts.h"
#include "kernel/kernel.h"
#include "runtime/log.h"

static uint32_t word(const uint8_t *data)
{
    return (uint32_t)data[0] << 8 | data[1];
}

static void light(const struct i2c *bus)
{
    const uint8_t once = 0x20;
    uint8_t data[2];

    if (!i2c_write(bus, 0x23, &once, 1, true)) {
        return;
    }
    task_sleep_ms(125);
    i2c_read(bus, 0x23, data, 2);
    LOG("sensors: %u lx", word(data) * 10u / 12u);
}

static void climate(const struct i2c *bus)
{
    const uint8_t measure[] = {0x24, 0x00};
    uint8_t data[6];

    if (!i2c_write(bus, 0x44, measure, 2, true)) {
        return;
    }
    const bool is_early = i2c_read(bus, 0x44, data, 6);
    task_sleep_ms(15);
    i2c_read(bus, 0x44, data, 6);
    const uint32_t tenths = word(data) * 1750u / 65535u - 450u;
    LOG("sensors: %s, %u.%u C, %u %%", is_early ? "early" : "in time", tenths / 10u, tenths % 10u,
        (word(data + 3) * 100u + 32768u) / 65535u);
}

/* The sensor holds the clock until it has measured. */
void run_stretching(const struct i2c *bus)
{
    const uint8_t measure[] = {0x2C, 0x06};
    uint8_t data[6] = {0};

    i2c_start(bus, 100000u);
    if (!i2c_write(bus, 0x44, measure, 2, true) || !i2c_read(bus, 0x44, data, 6)) {
        LOG("stretching: nobody answers");
        return;
    }
    const uint32_t tenths = word(data) * 1750u / 65535u - 450u;
    LOG("stretching: %u.%u C, %u %%", tenths / 10u, tenths % 10u, (word(data + 3) * 100u + 32768u) / 65535u);
}

static void power(const struct i2c *bus)
{
    const uint8_t calibrate[] = {5, 0x02, 0x00}; /* 512: 0.1 mA a count with 0.1 ohm */
    const uint8_t current = 4, volts = 2;
    uint8_t data[2];

    if (!i2c_write(bus, 0x40, calibrate, 3, true)) {
        return;
    }
    i2c_write(bus, 0x40, &volts, 1, false);
    i2c_read(bus, 0x40, data, 2);
    const uint32_t millivolts = word(data) * 5u / 4u;
    i2c_write(bus, 0x40, &current, 1, false);
    i2c_read(bus, 0x40, data, 2);
    LOG("sensors: %u mV, %u mA", millivolts, word(data) / 10u);
}

static void clock_(const struct i2c *bus)
{
    const uint8_t set[] = {0, 0x58, 0x59, 0x23, 4, 0x31, 0x12, 0x26}; /* 2026-12-31 23:59:58 */
    const uint8_t from = 0;
    uint8_t now[7];

    if (!i2c_write(bus, 0x68, set, sizeof set, true)) {
        return;
    }
    task_sleep_ms(2100);
    i2c_write(bus, 0x68, &from, 1, false);
    i2c_read(bus, 0x68, now, 7);
    LOG("sensors: 20%02x-%02x-%02x %02x:%02x:%02x day %u", now[6], now[5], now[4], now[2], now[1], now[0], now[3]);
}

void run_sensors(const struct i2c *bus)
{
    i2c_start(bus, 100000u);
    light(bus);
    climate(bus);
    power(bus);
    clock_(bus);
}
