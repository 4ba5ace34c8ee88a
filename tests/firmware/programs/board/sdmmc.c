/* An SD card at the SDIO host, PB6 to PB11: four data lines, blocks by the CPU and by DMA.
   Source: wm_sdh_reg_struct.h, wm_hal_sdh.c of wm_iot_sdk; Physical Layer Simplified Specification, chapter 4. */
#include "board/dma.h"
#include "board/parts.h"
#include "board/pins.h"
#include "runtime/log.h"
#include "runtime/string.h"

struct sdio_host {
    volatile uint32_t control, io, byte_count, blocks_done, crc_control, command_crc, data_crc[2];
    volatile uint32_t port, interrupt_mask, interrupts, card_select, signals, multi_block, block_count, timeout;
    volatile uint32_t command[16];
    volatile uint32_t buffer_control;
    uint32_t reserved[31];
    volatile uint32_t buffer[128];
};

#define HOST            ((struct sdio_host *)0x40000A00u)
#define SD_MODE         3u
#define DIVIDER(n)      ((n) << 3)
#define HIGH_SPEED      (1u << 6) /* the CPU's clock instead of 1 MHz */
#define FOUR_LINES      (1u << 7)
#define ENABLE          0xC0u
#define CPU_MHZ         80u
#define COMMAND_DONE    (1u << 0)
#define DATA_DONE       (1u << 1)
#define DATA_CRC        (1u << 2)
#define BLOCKS_DONE     (1u << 4)
#define DATA_TIMEOUT    (1u << 5)
#define NO_RESPONSE     (1u << 6)
#define REFUSED         (1u << 7)
#define ALL_FLAGS       0x1FFu
#define READ_BLOCK      3u
#define NULL_CLOCKS     (1u << 2)
#define LONG_RESPONSE   (1u << 4)
#define RESPONSE        (1u << 6)
#define READ_BLOCKS     (3u | 2u << 4 | 2u << 6) /* in units of 10 ms */
#define WRITE_BLOCKS    (1u | 2u << 4 | 2u << 6)
#define FLUSH           (1u << 15)
#define BY_DMA          (1u << 10 | 1u << 2)
#define BY_CPU          (1u << 14)
#define TO_CARD         (1u << 11)
#define BLOCK           512u
#define STATE(response) ((response) >> 9 & 15u)
#define TRANSFER        4u

static bool command(uint32_t number, uint32_t argument, uint32_t io)
{
    for (uint32_t n = 0; n < 4; n++) {
        HOST->command[n] = argument >> 8 * n & 0xFF;
    }
    HOST->command[4] = 0x40 | number;
    HOST->interrupts = ALL_FLAGS;
    HOST->io = io;
    while (!(HOST->interrupts & COMMAND_DONE)) {
    }
    return !(HOST->interrupts & NO_RESPONSE);
}

static uint32_t response(void)
{
    return HOST->command[0] | HOST->command[1] << 8 | HOST->command[2] << 16 | HOST->command[3] << 24;
}

static uint32_t ask(uint32_t number, uint32_t argument)
{
    return command(number, argument, RESPONSE | NULL_CLOCKS) ? response() : 0xFFFFFFFFu;
}

static uint32_t ask_application(uint32_t address, uint32_t number, uint32_t argument)
{
    ask(55, address);
    return ask(number, argument);
}

/* Gives the address of the card in the upper half, 0 if there is none. */
static uint32_t start(void)
{
    for (uint32_t pin = 6; pin <= 11; pin++) {
        pin_give(PB(pin), 2);
    }
    HOST->card_select = ENABLE | (CPU_MHZ / 2 - 1);
    HOST->control = SD_MODE;
    HOST->crc_control = 0xE0; /* a block that the card refuses ends the transfer */
    HOST->timeout = 0xFF;
    HOST->port = 1u << 4 | 15u; /* responses come within 15 clocks */
    command(0, 0, NULL_CLOCKS);
    if (ask(8, 0x1AA) != 0x1AA) {
        return 0;
    }
    while (!(ask_application(0, 41, 0x40100000u) >> 31)) {
    }
    command(2, 0, RESPONSE | LONG_RESPONSE | NULL_CLOCKS);
    return ask(3, 0) & 0xFFFF0000u;
}

static uint32_t blocks_of(uint32_t address)
{
    command(9, address, RESPONSE | LONG_RESPONSE | NULL_CLOCKS);
    /* Bits 69 to 48, and the lowest 8 are not here. */
    return ((HOST->command[7] & 0x3F) << 16 | HOST->command[6] << 8 | HOST->command[5]) * 1024u + 1024u;
}

static void read_by_cpu(uint32_t size, uint32_t *data)
{
    HOST->buffer_control = FLUSH | BY_CPU;
    HOST->byte_count = size;
    HOST->interrupts = ALL_FLAGS;
    HOST->io = READ_BLOCK;
    while (!(HOST->interrupts & (DATA_DONE | DATA_TIMEOUT))) {
    }
    for (uint32_t n = 0; n < size / 4; n++) {
        data[n] = HOST->buffer[n];
    }
    HOST->byte_count = BLOCK;
}

static bool move_blocks(uint32_t count, uint32_t direction, uint32_t to_card)
{
    HOST->block_count = count;
    HOST->interrupts = ALL_FLAGS;
    HOST->multi_block = direction;
    HOST->buffer_control = BY_DMA | to_card;
    while (!(HOST->interrupts & (BLOCKS_DONE | DATA_TIMEOUT | REFUSED))) {
    }
    const bool is_good = (HOST->interrupts & BLOCKS_DONE) != 0;
    ask(12, 0);
    return is_good;
}

static bool write_by_dma(uint32_t first, const void *data, uint32_t count)
{
    ask(25, first);
    HOST->buffer_control = FLUSH;
    dma_send(DMA_SDIO_HOST, data, HOST->buffer, count * BLOCK);
    return move_blocks(count, WRITE_BLOCKS, TO_CARD);
}

static bool read_by_dma(uint32_t first, void *data, uint32_t count)
{
    ask(18, first);
    HOST->buffer_control = FLUSH;
    dma_receive(DMA_SDIO_HOST, HOST->buffer, data, count * BLOCK);
    const bool is_good = move_blocks(count, READ_BLOCKS, 0);
    dma_wait();
    return is_good;
}

static void show(uint32_t address)
{
    static uint32_t block[BLOCK / 4];

    ask_application(address, 51, 0);
    read_by_cpu(8, block);
    LOG("sdmmc card: lines %x", block[0] >> 8 & 15u);
    ask(17, 3);
    read_by_cpu(BLOCK, block);
    block[4] = 0;
    LOG("sdmmc card: block 3 begins with %s", HOST->interrupts & DATA_CRC ? "errors" : (const char *)block);
}

void run_sdmmc_card(void)
{
    static uint32_t sent[4 * BLOCK / 4], received[4 * BLOCK / 4];
    uint32_t polls = 0;
    const uint32_t address = start();

    if (address == 0) {
        LOG("sdmmc card: nobody answers");
        return;
    }
    LOG("sdmmc card: %u blocks", blocks_of(address));
    ask(7, address);
    ask_application(address, 6, 2);
    HOST->control = SD_MODE | FOUR_LINES | HIGH_SPEED | DIVIDER(1u); /* 20 MHz */
    show(address);
    for (uint32_t n = 0; n < sizeof sent / 4; n++) {
        sent[n] = n * 0x01010101u;
    }
    const bool is_written = write_by_dma(100, sent, 4);
    while (STATE(ask(13, address)) != TRANSFER) {
        polls++;
    }
    const bool is_read = read_by_dma(100, received, 4) && memcmp(sent, received, sizeof sent) == 0;
    LOG("sdmmc card: written %s, read %s", is_written ? "well" : "not", is_read ? "well" : "not");
}
