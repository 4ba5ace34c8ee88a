/* Plays a ramp over I2S by DMA: 400 stereo samples of 16 bits at 8 kHz, left up and right down.
   Source: wm_i2s_reg_struct.h, wm_hal_i2s.c, wm_drv_ops_i2s.c of wm_iot_sdk. */
#include "board/dma.h"
#include "board/parts.h"
#include "board/pins.h"
#include "runtime/log.h"

struct i2s {
    volatile uint32_t control, interrupt_mask, flags, status, tx_data, rx_data;
};

#define I2S            ((struct i2s *)0x40012000u)
#define I2S_CLOCK      (*(volatile uint32_t *)0x40000E18u) /* of the RCC */
#define BCLK_DIVIDER   ((160000000u / (8000u * 32u)) << 8)
#define ENABLE         (1u << 0)
#define TX_ENABLE      (1u << 1)
#define BITS_16        (1u << 4)
#define TX_THRESHOLD_4 (4u << 9)
#define TX_DMA         (1u << 20)
#define UNDERFLOW      (1u << 4)
#define SAMPLES        400u

void run_sound(void)
{
    static int16_t samples[SAMPLES][2];

    for (int32_t n = 0; n < (int32_t)SAMPLES; n++) {
        samples[n][0] = (int16_t)(n * 80);
        samples[n][1] = (int16_t)(n * -80);
    }
    pin_give(PB(8), 1);
    pin_give(PB(9), 1);
    pin_give(PB(11), 1);
    I2S_CLOCK = BCLK_DIVIDER;
    I2S->flags = 0x3FF;
    I2S->control = BITS_16 | TX_THRESHOLD_4 | TX_DMA;
    dma_send(DMA_I2S_TX, samples, &I2S->tx_data, sizeof samples);
    I2S->control |= ENABLE | TX_ENABLE;
    dma_wait();
    while (!(I2S->flags & UNDERFLOW)) {
    }
    I2S->control = 0;
    LOG("sound: played");
}
