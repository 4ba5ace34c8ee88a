/* Talks to parts around the chip, each when its name comes over UART1: see tests/parts/test_board_program.py. */
#include <stdint.h>

#include "board/i2c.h"
#include "board/parts.h"
#include "board/pins.h"
#include "drivers/uart.h"
#include "kernel/kernel.h"
#include "kernel/queue.h"
#include "runtime/log.h"
#include "runtime/string.h"
#include "start/system.h"

#define RCC_CLOCKS (*(volatile uint32_t *)0x40000E00u)

static const struct i2c AT_PINS = {true, PB(15), PB(16)};

static const struct {
    const char *name;
    void (*run)(void);
    void (*run_on)(const struct i2c *bus);
    const struct i2c *bus;
} parts[] = {
    {"lamp", run_lamp, 0, 0},
    {"eeprom", 0, run_eeprom, &I2C_BLOCK},
    {"eeprom by program", 0, run_eeprom, &AT_PINS},
    {"oled", 0, run_oled, &I2C_BLOCK},
    {"oled by program", 0, run_oled, &AT_PINS},
    {"sensors", 0, run_sensors, &I2C_BLOCK},
    {"stretching", 0, run_stretching, &I2C_BLOCK},
    {"stretching by program", 0, run_stretching, &AT_PINS},
    {"spi flash", run_spi_flash, 0, 0},
    {"spi modes", run_spi_modes, 0, 0},
    {"sd card", run_sd_card, 0, 0},
    {"sdmmc card", run_sdmmc_card, 0, 0},
    {"radio", run_radio, 0, 0},
    {"sound", run_sound, 0, 0},
    {"glass", run_glass, 0, 0},
    {"tft", run_tft, 0, 0},
    {"tft picture", run_tft_picture, 0, 0},
    {"dht11", run_dht11, 0, 0},
    {"dht22", run_dht22, 0, 0},
    {"ds18b20", run_ds18b20, 0, 0},
    {"ws2812", run_ws2812, 0, 0},
    {"ws2812 by spi", run_ws2812_by_spi, 0, 0},
    {"knob", run_knob, 0, 0},
    {"gps", run_gps, 0, 0},
    {"modem", run_modem, 0, 0},
};

static void run(const char *name)
{
    for (uint32_t n = 0; n < sizeof parts / sizeof *parts; n++) {
        if (strcmp(name, parts[n].name) == 0) {
            if (parts[n].run) {
                parts[n].run();
            } else {
                parts[n].run_on(parts[n].bus);
            }
            LOG("%s: done", name);
            return;
        }
    }
    LOG("%s: unknown", name);
}

void app_main(void)
{
    static struct queue typed;
    static char name[32];
    uint32_t size = 0;

    RCC_CLOCKS |= 0xFFFFu; /* all blocks */
    uart_start(UART1);
    uart_receive_to(UART1, &typed);
    LOG("ready");
    for (uint16_t item; queue_get(&typed, &item, FOREVER);) {
        const char letter = (char)item;

        if (letter == '\n') {
            name[size] = 0;
            run(name);
            size = 0;
        } else if (size + 1 < sizeof name) {
            name[size++] = letter;
        }
    }
}
