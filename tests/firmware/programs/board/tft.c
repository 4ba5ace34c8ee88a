/* Sets up an ST7735 of 128 x 160 and fills it by DMA: four bars, and a square in the middle. */
#include "board/parts.h"
#include "board/pins.h"
#include "board/spi.h"
#include "runtime/log.h"

#define SELECT       PB(23)
#define DATA_COMMAND PB(22)
#define RESET        PB(21)
#define WIDTH        128u
#define HEIGHT       160u
#define FIRST_COLUMN 2u
#define FIRST_ROW    1u
#define ROWS_AT_ONCE 8u

static void command(uint8_t code, const uint8_t *arguments, uint32_t size)
{
    pin_put(SELECT, false);
    pin_put(DATA_COMMAND, false);
    spi_exchange(&code, 0, 1);
    pin_put(DATA_COMMAND, true);
    spi_exchange(arguments, 0, size);
    pin_put(SELECT, true);
}

static void window(uint32_t left, uint32_t top, uint32_t width, uint32_t height)
{
    const uint8_t columns[] = {0, (uint8_t)(FIRST_COLUMN + left), 0, (uint8_t)(FIRST_COLUMN + left + width - 1)};
    const uint8_t rows[] = {0, (uint8_t)(FIRST_ROW + top), 0, (uint8_t)(FIRST_ROW + top + height - 1)};

    command(0x2A, columns, 4);
    command(0x2B, rows, 4);
    command(0x2C, 0, 0);
}

/* Shows a whole picture, 4 KB at once. */
void __attribute__((noinline)) tft_picture(const uint16_t *picture)
{
    const uint8_t *const data = (const uint8_t *)picture;

    window(0, 0, WIDTH, HEIGHT);
    pin_put(SELECT, false);
    for (uint32_t place = 0; place < 2 * WIDTH * HEIGHT; place += 4096) {
        spi_send_by_dma(data + place, 4096);
    }
    pin_put(SELECT, true);
}

static void fill(uint32_t left, uint32_t top, uint32_t width, uint32_t height, uint16_t colour)
{
    static uint16_t pixels[WIDTH * ROWS_AT_ONCE];
    const uint16_t as_sent = (uint16_t)(colour << 8 | colour >> 8);

    for (uint32_t n = 0; n < width * ROWS_AT_ONCE; n++) {
        pixels[n] = as_sent;
    }
    window(left, top, width, height);
    pin_put(SELECT, false);
    for (uint32_t row = 0; row < height; row += ROWS_AT_ONCE) {
        spi_send_by_dma((const uint8_t *)pixels, 2 * width * ROWS_AT_ONCE);
    }
    pin_put(SELECT, true);
}

static void start(void)
{
    static const uint32_t outputs[] = {SELECT, DATA_COMMAND, RESET};
    const uint8_t bits_16 = 0x05, upright = 0xC0;

    for (uint32_t n = 0; n < 3; n++) {
        pin_output(outputs[n]);
        pin_put(outputs[n], true);
    }
    spi_start(20000000u);
    pin_put(RESET, false);
    wait_us(20);
    pin_put(RESET, true);
    command(0x11, 0, 0);
    command(0x3A, &bits_16, 1);
    command(0x36, &upright, 1);
    command(0x29, 0, 0);
}

void run_tft(void)
{
    start();
    fill(0, 0, WIDTH, 40, 0xF800);
    fill(0, 40, WIDTH, 40, 0x07E0);
    fill(0, 80, WIDTH, 40, 0x001F);
    fill(0, 120, WIDTH, 40, 0xFFFF);
    fill(48, 64, 32, 32, 0x0000);
    LOG("tft: drawn");
}

void run_tft_picture(void)
{
    static uint16_t picture[WIDTH * HEIGHT];

    start();
    for (uint32_t n = 0; n < WIDTH * HEIGHT; n++) {
        picture[n] = (uint16_t)n;
    }
    tft_picture(picture);
    LOG("tft: shown");
}
