/* A glass of four digits and a colon at the LCD driver: 4 common lines, segments 1 to 9. A digit has A to D on the
   common lines 0 to 3 of one segment line, and E to G on those of the next. Source: wm_seg_lcd_reg_struct.h. */
#include <stdint.h>

#include "board/parts.h"
#include "runtime/log.h"

struct lcd {
    volatile uint32_t control, frame, segments[8], common_enable, segment_enable;
};

#define LCD           ((struct lcd *)0x40011C00u)
#define DUTY_4        3u
#define ENABLE        (1u << 8)
#define DIGITS        4u
#define COLON_COMMON  3u
#define COLON_SEGMENT 1u

/* A is the lowest bit. */
static const uint8_t shapes[10] = {0x3F, 0x06, 0x5B, 0x4F, 0x66, 0x6D, 0x7D, 0x07, 0x7F, 0x6F};

static void show(uint32_t place, uint32_t digit)
{
    for (uint32_t bit = 0; bit < 7; bit++) {
        if (shapes[digit] >> bit & 1) {
            LCD->segments[bit % 4] |= 1u << (2 * place + bit / 4);
        }
    }
}

void run_glass(void)
{
    LCD->common_enable = 0xF;
    LCD->segment_enable = 0x3FE;
    for (uint32_t n = 0; n < 4; n++) {
        LCD->segments[n] = 0;
    }
    for (uint32_t place = 1; place <= DIGITS; place++) {
        show(place, place);
    }
    LCD->segments[COLON_COMMON] |= 1u << COLON_SEGMENT;
    LCD->control = ENABLE | DUTY_4;
    LOG("glass: shown");
}
