/* A serial flash selected by PB4, and an SD card in SPI mode selected by PB14. */
#include "board/parts.h"
#include "board/pins.h"
#include "board/spi.h"
#include "runtime/log.h"
#include "runtime/string.h"

#define FLASH PB(4)
#define CARD  PB(14)
#define BLOCK 512u

static void flash(const uint8_t *sent, uint32_t size, uint8_t *received, uint32_t count)
{
    pin_put(FLASH, false);
    spi_exchange(sent, 0, size);
    spi_exchange(0, received, count);
    pin_put(FLASH, true);
}

static void flash_wait(void)
{
    const uint8_t read_status = 0x05;
    uint8_t status;

    do {
        wait_us(100);
        flash(&read_status, 1, &status, 1);
    } while (status & 1);
}

void run_spi_flash(void)
{
    const uint8_t read_id = 0x9F, enable = 0x06;
    const uint8_t erase[] = {0x20, 0x01, 0x00, 0x00}, read[] = {0x0B, 0x01, 0x00, 0x10, 0};
    uint8_t program[] = {0x02, 0x01, 0x00, 0x10, 's', 'p', 'i', ' ', 'f', 'l', 'a', 's', 'h'};
    uint8_t id[3];
    char found[10] = {0};

    pin_output(FLASH);
    pin_put(FLASH, true);
    spi_start(10000000u);
    flash(&read_id, 1, id, 3);
    LOG("spi flash: %02x %02x %02x", id[0], id[1], id[2]);
    flash(&enable, 1, 0, 0);
    flash(erase, sizeof erase, 0, 0);
    flash_wait();
    flash(&enable, 1, 0, 0);
    flash(program, sizeof program, 0, 0);
    flash_wait();
    flash(read, sizeof read, (uint8_t *)found, 9);
    LOG("spi flash: holds %s", found);
}

void run_spi_modes(void)
{
    const uint8_t read_id = 0x9F;
    uint8_t id[3];

    pin_output(FLASH);
    pin_put(FLASH, true);
    spi_start(10000000u);
    for (uint32_t mode = 0; mode < 4; mode++) {
        spi_mode(mode);
        flash(&read_id, 1, id, 3);
        LOG("spi modes: %u: %02x %02x %02x", mode, id[0], id[1], id[2]);
    }
}

/* Gives the first byte of the answer, and takes as many more. */
static uint8_t card(uint8_t number, uint32_t argument, uint8_t checksum, uint8_t *more, uint32_t count)
{
    const uint8_t frame[] = {0x40u | number, argument >> 24, argument >> 16, argument >> 8, argument, checksum};
    uint8_t status = 0xFF;

    pin_put(CARD, false);
    spi_exchange(frame, 0, sizeof frame);
    for (uint32_t n = 0; n < 8 && status & 0x80; n++) {
        spi_exchange(0, &status, 1);
    }
    spi_exchange(0, more, count);
    return status;
}

static bool wait_for(uint8_t token)
{
    uint8_t byte = 0;

    for (uint32_t n = 0; n < 100 && byte != token; n++) {
        spi_exchange(0, &byte, 1);
    }
    return byte == token;
}

static bool card_start(void)
{
    uint8_t answer[4];
    uint32_t polls = 0;

    if (card(0, 0, 0x95, 0, 0) != 1 || card(8, 0x1AA, 0x87, answer, 4) != 1 || answer[3] != 0xAA) {
        return false;
    }
    do {
        card(55, 0, 1, 0, 0);
    } while (card(41, 0x40000000u, 1, 0, 0) != 0 && ++polls < 100);
    card(58, 0, 1, answer, 4);
    LOG("sd card: started after %u polls, capacity %s", polls, answer[0] & 0x40 ? "high" : "standard");
    return polls < 100;
}

static void card_read(uint32_t block, uint8_t *data)
{
    card(17, block, 1, 0, 0);
    wait_for(0xFE);
    spi_exchange(0, data, BLOCK);
    spi_exchange(0, 0, 2);
    pin_put(CARD, true);
}

static bool card_write(uint32_t block, const uint8_t *data)
{
    const uint8_t token = 0xFE;
    uint8_t answer;

    card(24, block, 1, 0, 0);
    spi_exchange(&token, 0, 1);
    spi_exchange(data, 0, BLOCK);
    spi_exchange(0, 0, 2);
    spi_exchange(0, &answer, 1);
    const bool is_good = (answer & 0x1F) == 5 && wait_for(0xFF);
    pin_put(CARD, true);
    return is_good;
}

void run_sd_card(void)
{
    static uint8_t block[BLOCK];

    pin_output(CARD);
    pin_put(CARD, true);
    spi_start(10000000u);
    if (!card_start()) {
        LOG("sd card: nobody answers");
        return;
    }
    card_read(3, block);
    block[16] = 0;
    LOG("sd card: block 3 begins with %s", (const char *)block);
    memset(block, 0x5A, BLOCK);
    LOG("sd card: written %s", card_write(7, block) ? "well" : "not");
}
