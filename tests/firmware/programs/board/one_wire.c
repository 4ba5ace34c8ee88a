/* Sensors with one wire: a DHT11 or DHT22 at PB7, a DS18B20 at PB8, and colour LEDs at PB9. */
#include "board/parts.h"
#include "board/pins.h"
#include "board/spi.h"
#include "kernel/interrupts.h"
#include "kernel/kernel.h"
#include "runtime/log.h"

#define DHT  PB(7)
#define WIRE PB(8)
#define LEDS PB(9)

/* How long the pin has the level, at most 1000 us. */
static uint32_t last_us(uint32_t pin, bool level)
{
    const uint32_t begin = time_us();
    uint32_t passed = 0;

    while (pin_get(pin) == level && passed < 1000u) {
        passed = time_us() - begin;
    }
    return passed;
}

static bool read_dht(uint8_t data[5])
{
    pin_input(DHT);
    pin_output(DHT);
    pin_put(DHT, false);
    wait_us(20000);
    pin_input(DHT);
    if (last_us(DHT, true) >= 1000u || last_us(DHT, false) >= 1000u) {
        return false;
    }
    last_us(DHT, true);
    for (uint32_t bit = 0; bit < 40; bit++) {
        last_us(DHT, false);
        data[bit / 8] = (uint8_t)(data[bit / 8] << 1 | (last_us(DHT, true) > 45u));
    }
    return true;
}

static const char *checksum_of(const uint8_t data[5])
{
    return (uint8_t)(data[0] + data[1] + data[2] + data[3]) == data[4] ? "good" : "wrong";
}

void run_dht11(void)
{
    uint8_t data[5] = {0};

    if (!read_dht(data)) {
        LOG("dht11: nobody answers");
        return;
    }
    LOG("dht11: %u C, %u %%, checksum %s", data[2], data[0], checksum_of(data));
}

void run_dht22(void)
{
    uint8_t data[5] = {0};

    if (!read_dht(data)) {
        LOG("dht22: nobody answers");
        return;
    }
    const uint32_t humidity = (uint32_t)data[0] << 8 | data[1];
    const uint32_t tenths = (uint32_t)(data[2] & 0x7F) << 8 | data[3];
    LOG("dht22: %s%u.%u C, %u.%u %%, checksum %s", data[2] & 0x80 ? "-" : "", tenths / 10u, tenths % 10u,
        humidity / 10u, humidity % 10u, checksum_of(data));
}

static void low_for(uint32_t duration_us)
{
    pin_put(WIRE, false);
    pin_output(WIRE);
    wait_us(duration_us);
    pin_input(WIRE);
}

static bool wire_reset(void)
{
    low_for(500);
    wait_us(70);
    const bool is_there = !pin_get(WIRE);
    wait_us(430);
    return is_there;
}

static bool wire_bit(bool bit)
{
    low_for(bit ? 3u : 65u);
    wait_us(bit ? 8u : 1u);
    const bool seen = pin_get(WIRE);
    wait_us(bit ? 55u : 5u);
    return seen;
}

static uint8_t wire_byte(uint8_t byte)
{
    uint8_t seen = 0;

    for (uint32_t bit = 0; bit < 8; bit++) {
        seen |= (uint8_t)(wire_bit(byte >> bit & 1) << bit);
    }
    return seen;
}

void run_ds18b20(void)
{
    uint32_t polls = 0;

    pin_input(WIRE);
    if (!wire_reset()) {
        LOG("ds18b20: nobody answers");
        return;
    }
    wire_byte(0x33);
    const uint8_t family = wire_byte(0xFF);
    for (uint32_t n = 0; n < 7; n++) {
        wire_byte(0xFF);
    }
    wire_byte(0x44);
    while (!wire_bit(true)) {
        task_sleep_ms(10);
        polls++;
    }
    wire_reset();
    wire_byte(0xCC);
    wire_byte(0xBE);
    const uint32_t low = wire_byte(0xFF);
    const uint32_t sixteenths = low | (uint32_t)wire_byte(0xFF) << 8;
    LOG("ds18b20: family %02x, %s, %u.%02u C", family, polls > 70u ? "took its time" : "at once",
        sixteenths >> 4, (sixteenths & 15u) * 100u / 16u);
}

/* Straight stores to the port: a pulse is 0.4 us or 0.8 us. */
static void leds_send(uint32_t colour)
{
    volatile uint32_t *const data = (volatile uint32_t *)0x40011400u;
    const uint32_t low = *data & ~(1u << 9), high = low | 1u << 9;

    for (uint32_t bit = 1u << 23; bit != 0; bit >>= 1) {
        const uint32_t turns = colour & bit ? 16u : 5u;

        *data = high;
        for (volatile uint32_t n = 0; n < turns / 2u; n++) {
        }
        *data = low;
        for (volatile uint32_t n = 0; n < 4u; n++) {
        }
    }
}

void run_ws2812(void)
{
    static const uint32_t colours[] = {0xFF0000, 0x00FF00, 0x0000FF, 0x123456}; /* green, red, blue */

    pin_output(LEDS);
    pin_put(LEDS, false);
    wait_us(60);
    const uint32_t psr = interrupts_disable();
    for (uint32_t n = 0; n < 4; n++) {
        leds_send(colours[n]);
    }
    interrupts_restore(psr);
    wait_us(60);
    LOG("ws2812: sent");
}

/* The same at MOSI, PB26: a pulse is the ones of a byte of 8 x 150 ns. */
void run_ws2812_by_spi(void)
{
    static const uint32_t colours[] = {0xFF0000, 0x00FF00, 0x0000FF, 0x123456};
    static uint8_t pulses[4 * 24 + 64]; /* and zeros for 76 us */
    uint32_t place = 0;

    for (uint32_t n = 0; n < 4; n++) {
        for (uint32_t bit = 1u << 23; bit != 0; bit >>= 1) {
            pulses[place++] = colours[n] & bit ? 0xF8 : 0xC0;
        }
    }
    spi_start(6000000u); /* 6.7 MHz: the next that there is */
    spi_send_by_dma(pulses, sizeof pulses);
    LOG("ws2812 by spi: sent");
}
