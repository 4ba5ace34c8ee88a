/* A display of 16-bit pixels: filling, lines, blending, copying with a transparent colour. */
#include "benchmark.h"

#define WIDTH  64u
#define HEIGHT 48u
#define SPRITE 16u
#define CLEAR  0xF81Fu

const uint32_t benchmark_rounds = 13000;

static uint16_t screen[HEIGHT][WIDTH], sprite[SPRITE][SPRITE];

static SEPARATE void fill(uint32_t left, uint32_t top, uint32_t width, uint32_t height, uint16_t colour)
{
    for (uint32_t y = top; y < top + height; y++) {
        for (uint32_t x = left; x < left + width; x++) {
            screen[y][x] = colour;
        }
    }
}

/* Bresenham, Algorithm for computer control of a digital plotter, 1965; to the right, at most 45 degrees down. */
static SEPARATE void line(uint32_t x, uint32_t y, uint32_t length, uint32_t down, uint16_t colour)
{
    int32_t error = (int32_t)(2 * down) - (int32_t)length;

    for (uint32_t i = 0; i < length; i++) {
        screen[y][x + i] = colour;
        if (error > 0) {
            y++;
            error -= (int32_t)(2 * length);
        }
        error += (int32_t)(2 * down);
    }
}

static uint16_t blended(uint32_t below, uint32_t above, uint32_t alpha)
{
    const uint32_t red = ((above >> 11) * alpha + (below >> 11) * (32 - alpha)) >> 5;
    const uint32_t green = ((above >> 5 & 63) * alpha + (below >> 5 & 63) * (32 - alpha)) >> 5;
    const uint32_t blue = ((above & 31) * alpha + (below & 31) * (32 - alpha)) >> 5;

    return (uint16_t)(red << 11 | green << 5 | blue);
}

static SEPARATE void draw_sprite(uint32_t left, uint32_t top, uint32_t alpha)
{
    for (uint32_t y = 0; y < SPRITE; y++) {
        for (uint32_t x = 0; x < SPRITE; x++) {
            if (sprite[y][x] != CLEAR) {
                screen[top + y][left + x] = blended(screen[top + y][left + x], sprite[y][x], alpha);
            }
        }
    }
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    for (uint32_t y = 0; y < SPRITE; y++) {
        for (uint32_t x = 0; x < SPRITE; x++) {
            const uint32_t word = next_random(&random);

            sprite[y][x] = (uint16_t)(word % 5 ? word >> 16 : CLEAR);
        }
    }
    fill(0, 0, WIDTH, HEIGHT, 0);
    for (; rounds > 0; rounds--) {
        const uint32_t word = next_random(&random);

        fill(word & 31, word >> 5 & 15, 32, 32, (uint16_t)(word >> 16));
        line(word >> 10 & 7, word >> 14 & 7, 48, word >> 17 & 31, (uint16_t)word);
        draw_sprite(word >> 22 & 31, word >> 27, word >> 9 & 31);
        for (uint32_t y = 0; y < HEIGHT; y += 7) {
            checksum = checksum * 33 + screen[y][(word >> 3) % WIDTH];
        }
    }
    return checksum;
}
