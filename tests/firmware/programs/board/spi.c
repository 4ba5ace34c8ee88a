/* Source: wm_spi_reg_struct.h, wm_hal_spi_master.c of wm_iot_sdk. */
#include "board/spi.h"

#include "board/dma.h"
#include "board/pins.h"
#include "runtime/string.h"

struct spi_registers {
    volatile uint32_t channel, config, clock, mode, interrupt_mask, interrupt_status, status, timeout;
    volatile uint32_t tx_data, other_formats, slave_length, reserved;
    volatile uint32_t rx_data;
};

#define SPI            ((struct spi_registers *)0x40010400u)
#define SPI_START      (1u << 0)
#define SPI_BITS(n)    ((n) << 3)
#define SPI_TX         (1u << 19)
#define SPI_RX         (1u << 20)
#define SPI_CLEAR      (1u << 22)
#define SPI_MASTER     (1u << 2)
#define SPI_DONE       (1u << 6)
#define FIFO_BYTES     32u
#define APB_HZ         40000000u

void spi_start(uint32_t speed_hz)
{
    pin_give(PB(24), 1);
    pin_give(PB(25), 1);
    pin_give(PB(26), 1);
    SPI->config = SPI_MASTER;
    SPI->clock = APB_HZ / (2u * speed_hz) - 1u;
    SPI->mode = 0;
    SPI->channel = SPI_CLEAR;
}

void spi_mode(uint32_t mode)
{
    SPI->config = SPI_MASTER | (mode & 1) << 1 | mode >> 1; /* phase, polarity */
}

static void wait_until_done(void)
{
    while (!(SPI->interrupt_status & SPI_DONE)) {
    }
    SPI->interrupt_status = SPI_DONE;
}

static void exchange_some(const uint8_t *sent, uint8_t *received, uint32_t size)
{
    uint32_t words[FIFO_BYTES / 4];

    memset(words, 0xFF, sizeof words);
    if (sent) {
        memcpy(words, sent, size);
    }
    for (uint32_t n = 0; n < (size + 3) / 4; n++) {
        SPI->tx_data = words[n];
    }
    SPI->channel = SPI_START | SPI_TX | SPI_RX | SPI_BITS(8u * size);
    wait_until_done();
    for (uint32_t n = 0; n < (size + 3) / 4; n++) {
        words[n] = SPI->rx_data;
    }
    if (received) {
        memcpy(received, words, size);
    }
    SPI->channel = SPI_CLEAR;
}

void spi_exchange(const uint8_t *sent, uint8_t *received, uint32_t size)
{
    while (size > 0) {
        const uint32_t part = size < FIFO_BYTES ? size : FIFO_BYTES;

        exchange_some(sent, received, part);
        sent = sent ? sent + part : 0;
        received = received ? received + part : 0;
        size -= part;
    }
}

void spi_send_by_dma(const uint8_t *data, uint32_t size)
{
    SPI->mode = 1u | 4u << 2; /* DMA while the FIFO has room for half */
    dma_send(DMA_SPI_TX, data, &SPI->tx_data, size);
    SPI->channel = SPI_START | SPI_TX | SPI_BITS(8u * size);
    wait_until_done();
    SPI->mode = 0;
}
