/* Sets up an SSD1306 of 128 x 64 as its data sheet's application example does, and draws a frame and a diagonal. */
#include "board/i2c.h"
#include "board/parts.h"
#include "runtime/log.h"
#include "runtime/string.h"

#define ADDRESS 0x3Cu
#define COLUMNS 128u
#define ROWS    64u

static const uint8_t SET_UP[] = {
    0x00,                         /* commands follow */
    0xAE, 0xD5, 0x80, 0xA8, 0x3F, 0xD3, 0x00, 0x40, 0x8D, 0x14, 0x20, 0x00, 0xA1, 0xC8, 0xDA, 0x12,
    0x81, 0xCF, 0xD9, 0xF1, 0xDB, 0x40, 0xA4, 0xA6,
    0x21, 0x00, 0x7F, 0x22, 0x00, 0x07, 0xAF,
};

static uint8_t frame[1 + COLUMNS * ROWS / 8] = {0x40}; /* data follow */

static void draw(uint32_t x, uint32_t y)
{
    frame[1 + y / 8 * COLUMNS + x] |= (uint8_t)(1u << y % 8);
}

void run_oled(const struct i2c *bus)
{
    i2c_start(bus, 400000u);
    if (!i2c_write(bus, ADDRESS, SET_UP, sizeof SET_UP, true)) {
        LOG("oled: nobody answers");
        return;
    }
    memset(frame + 1, 0, sizeof frame - 1);
    for (uint32_t x = 0; x < COLUMNS; x++) {
        draw(x, 0);
        draw(x, ROWS - 1);
        draw(x, x / 2);
    }
    for (uint32_t y = 0; y < ROWS; y++) {
        draw(0, y);
        draw(COLUMNS - 1, y);
    }
    i2c_write(bus, ADDRESS, frame, sizeof frame, true);
    LOG("oled: drawn");
}
