/* What main.c starts by name: each talks to one part as its data sheet says, and logs what it finds. */
#ifndef BOARD_PARTS_H
#define BOARD_PARTS_H

#include <stdint.h>

#define LOG(...) log_line('I', PROGRAM, __VA_ARGS__)

struct i2c;

void run_lamp(void);
void run_eeprom(const struct i2c *bus);
void run_oled(const struct i2c *bus);
void run_sensors(const struct i2c *bus);
void run_stretching(const struct i2c *bus);
void run_spi_flash(void);
void run_spi_modes(void);
void run_sd_card(void);
void run_sdmmc_card(void);
void run_radio(void);
void run_sound(void);
void run_glass(void);
void run_tft(void);
void run_tft_picture(void);
void run_dht11(void);
void run_dht22(void);
void run_ds18b20(void);
void run_ws2812(void);
void run_ws2812_by_spi(void);
void run_knob(void);
void run_gps(void);
void run_modem(void);

#endif
