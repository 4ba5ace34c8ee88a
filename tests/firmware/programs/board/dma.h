/* The first DMA channel, for blocks that ask for each word. Source: wm_dma_reg_struct.h of wm_iot_sdk. */
#ifndef BOARD_DMA_H
#define BOARD_DMA_H

#include <stdint.h>

enum dma_request {
    DMA_SPI_TX = 5,
    DMA_I2S_TX = 11,
    DMA_SDIO_HOST = 12,
};

/* Moves words, a multiple of 4 bytes and less than 64 KB, to a register or from one. */
void dma_send(enum dma_request request, const void *data, volatile uint32_t *to, uint32_t size);
void dma_receive(enum dma_request request, volatile uint32_t *from, void *data, uint32_t size);
void dma_wait(void);

#endif
