/* SPI as a master, at PB24 to PB26; parts are selected by pins of their own. */
#ifndef BOARD_SPI_H
#define BOARD_SPI_H

#include <stdint.h>

void spi_start(uint32_t speed_hz);

/* Chooses one of the four clock modes until the next start, which takes 0. */
void spi_mode(uint32_t mode);

/* Sends and receives at once, by polling; either may be 0: zeros are sent (ones by spi_read), what comes is lost. */
void spi_exchange(const uint8_t *sent, uint8_t *received, uint32_t size);

/* Sends by DMA, a multiple of 4 bytes and at most 4092. */
void spi_send_by_dma(const uint8_t *data, uint32_t size);

#endif
