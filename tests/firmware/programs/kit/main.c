/* Firmware of a board such as HLK-W800-KIT: its sensor, a touch pad, and displays on SPI that it makes at pins.
 * Each is used when its name comes over UART1: see tests/parts/test_kit_program.py.
 * Source: W806 MCU manual, chapters 9 (GPIO), 15 (I2C), 22 (touch); data sheets of CHT8305, SSD1306, ST7567. */
#include <stdbool.h>
#include <stdint.h>

#include "drivers/uart.h"
#include "kernel/kernel.h"
#include "kernel/queue.h"
#include "runtime/log.h"
#include "runtime/string.h"
#include "start/system.h"

#define LOG(...) log_line('I', PROGRAM, __VA_ARGS__)
#define REGISTER(address) (*(volatile uint32_t *)(address))
#define RCC_CLOCKS        REGISTER(0x40000E00u)

struct gpio {
    volatile uint32_t data, data_enable, output, not_pulled_up, alternate, function_high, function_low, pulled_down;
};

#define GPIO_A ((struct gpio *)0x40011200u)
#define GPIO_B ((struct gpio *)0x40011400u)

/* ---- the sensor, on the I2C block ---- */

struct i2c {
    volatile uint32_t divider_low, divider_high, control, data, command;
};

#define I2C      ((struct i2c *)0x40010000u)
#define START    0x80u
#define STOP     0x40u
#define READ     0x20u
#define WRITE    0x10u
#define LAST     0x08u
#define REFUSED  0x80u
#define UNDERWAY 0x02u
#define CHT8305  0x40u

static bool i2c_command(uint32_t command)
{
    I2C->command = command;
    while (I2C->command & UNDERWAY) {
    }
    return !(I2C->command & REFUSED);
}

static bool i2c_write(uint32_t byte, uint32_t more)
{
    I2C->data = byte;
    return i2c_command(WRITE | more);
}

static bool point_to(uint32_t reg)
{
    const bool is_there = i2c_write(CHT8305 << 1, START) && i2c_write(reg, 0);

    i2c_command(STOP);
    return is_there;
}

static bool read_words(uint16_t *words, uint32_t count)
{
    const bool is_ready = i2c_write(CHT8305 << 1 | 1, START);

    for (uint32_t n = 0; is_ready && n < 2 * count; n++) {
        i2c_command(READ | (n == 2 * count - 1 ? LAST : 0));
        words[n / 2] = (uint16_t)(words[n / 2] << 8 | I2C->data);
    }
    i2c_command(STOP);
    return is_ready;
}

static void run_climate(void)
{
    uint16_t words[2], maker;

    GPIO_A->alternate |= 1u << 1 | 1u << 4; /* function 2 */
    GPIO_A->function_high &= ~(1u << 1 | 1u << 4);
    GPIO_A->function_low |= 1u << 1 | 1u << 4;
    I2C->divider_low = 71; /* 100 kHz of 40 MHz */
    I2C->divider_high = 0;
    I2C->control = 0xC0;
    if (!point_to(0xFE) || !read_words(&maker, 1)) {
        LOG("climate: nobody answers");
        return;
    }
    point_to(0);
    const bool is_early = read_words(words, 2);
    task_sleep_ms(10);
    read_words(words, 2);
    LOG("climate: %x, %s, %u tenths above -40 C, %u %%", maker, is_early ? "early" : "in time",
        (words[0] * 1650u + 32767u) / 65535u, (words[1] * 100u + 32767u) / 65535u);
}

/* ---- displays, on SPI that is made at pins ---- */

#define SELECT       (1u << 14)
#define CLOCK        (1u << 15)
#define DATA         (1u << 17)
#define RESET        (1u << 10)
#define DATA_COMMAND (1u << 11)

static void put(uint32_t pins, bool level)
{
    GPIO_B->data = level ? GPIO_B->data | pins : GPIO_B->data & ~pins;
}

static void send(const uint8_t *bytes, uint32_t count, bool is_data)
{
    put(DATA_COMMAND, is_data);
    put(SELECT, false);
    for (uint32_t n = 0; n < count; n++) {
        for (uint32_t bit = 0x80; bit; bit >>= 1) {
            put(CLOCK, false);
            put(DATA, bytes[n] & bit);
            put(CLOCK, true);
        }
    }
    put(SELECT, true);
}

/* A frame around the columns from `first` on, and a diagonal. */
static void draw(const uint8_t *setup, uint32_t size, uint32_t first)
{
    uint8_t column[128];

    put(RESET | SELECT | CLOCK | DATA_COMMAND, true);
    GPIO_B->output |= RESET | SELECT | CLOCK | DATA | DATA_COMMAND;
    put(RESET, false);
    put(RESET, true);
    send(setup, size, false);
    for (uint32_t page = 0; page < 8; page++) {
        const uint8_t place[] = {(uint8_t)(0xB0 | page), (uint8_t)(0x10 | first >> 4), (uint8_t)(first & 0xF)};

        for (uint32_t x = 0; x < 128; x++) {
            const uint32_t edges = (page == 0) | (uint32_t)(page == 7) << 7;
            const uint32_t slope = x / 16 == page ? 1u << (x / 2 & 7) : 0;

            column[x] = (uint8_t)(x == 0 || x == 127 ? 0xFF : edges | slope);
        }
        send(place, sizeof place, false);
        send(column, sizeof column, true);
    }
    LOG("screen: drawn");
}

static void run_oled(void)
{
    static const uint8_t setup[] = {0xAE, 0x81, 0x66, 0xA1, 0xA8, 0x3F, 0xC8, 0xD3, 0x00, 0x8D, 0x14, 0xAF};

    draw(setup, sizeof setup, 0);
}

static void run_lcd(void)
{
    static const uint8_t setup[] = {0xE2, 0xA2, 0xA1, 0xC0, 0x2F, 0x24, 0x81, 0x20, 0xAF};

    draw(setup, sizeof setup, 4);
}

/* ---- a touch pad, channel 8 ---- */

#define TOUCH_CONTROL REGISTER(0x40012400u)
#define TOUCH_PAD_8   REGISTER(0x40012424u)

static void run_touch(void)
{
    TOUCH_CONTROL = 1u << 26 | 62u << 20 | 1u << (4 + 8) | 1u;
    task_sleep_ms(40);
    const uint32_t untouched = TOUCH_PAD_8 >> 8 & 0x7FFF;
    LOG("touch: waiting");
    while ((TOUCH_PAD_8 >> 8 & 0x7FFF) < untouched + 100) {
        task_sleep_ms(10);
    }
    LOG("touch: felt");
}

void app_main(void)
{
    static struct queue typed;
    static char name[16];
    uint32_t size = 0;

    RCC_CLOCKS |= 0xFFFFu; /* all blocks */
    uart_start(UART1);
    uart_receive_to(UART1, &typed);
    LOG("ready");
    for (uint16_t item; queue_get(&typed, &item, FOREVER);) {
        if ((char)item != '\n') {
            name[size++ % sizeof name] = (char)item;
            continue;
        }
        name[size % sizeof name] = 0;
        size = 0;
        if (strcmp(name, "climate") == 0) {
            run_climate();
        } else if (strcmp(name, "oled") == 0) {
            run_oled();
        } else if (strcmp(name, "lcd") == 0) {
            run_lcd();
        } else if (strcmp(name, "touch") == 0) {
            run_touch();
        }
        LOG("%s: done", name);
    }
}
