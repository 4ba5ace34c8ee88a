/* A console with bugs for whoever explores:
 *
 * - a NUL, such as a break on the line, amid a command locks it up;
 * - a reset while a setting is written loses it: for 2 ms the old one counts no more, and the new one not yet;
 * - a download with a length that is too large overruns a buffer, and jumps into nothing;
 * - of the length of an image in flash, only the lower half is checked. */
#include "chip/memory_map.h"
#include "drivers/checksum.h"
#include "drivers/flash.h"
#include "drivers/uart.h"
#include "kernel/kernel.h"
#include "kernel/queue.h"
#include "ota/image_header.h"
#include "runtime/log.h"
#include "runtime/string.h"
#include "start/system.h"
#include "storage/wm_partition_table.h"

#define TAG         "console"
#define STACK_WORDS 1024
#define LINE_SIZE   32u
#define PATIENCE_MS 20u
#define SETTINGS    (FLASH_SECTOR_SIZE / FLASH_PAGE_SIZE)
#define NEVER_SET   '-'

/* A page of the settings' sector; what is programmed to 0 is so for good. */
struct setting {
    uint8_t value, is_old, is_written; /* marks: 0 means yes */
};

static struct task task;
static uint32_t stack[STACK_WORDS], place; /* of the settings; an image begins in the sector behind it */
static struct queue received;
static struct {
    volatile uint8_t buffer[16];
    void (*volatile finished)(void);
} download;
static struct {
    uint8_t body[0x4000];
    void (*volatile finished)(void);
} image;

static const struct setting *setting_at(uint32_t number)
{
    return (const struct setting *)(FLASH_BASE + place + number * FLASH_PAGE_SIZE);
}

static bool is_current(const struct setting *setting)
{
    return setting->is_written == 0 && setting->is_old != 0;
}

/* The number of the one that counts; SETTINGS if none does. */
static uint32_t current(void)
{
    uint32_t number = 0;
    while (number < SETTINGS && (!is_current(setting_at(number)))) {
        number++;
    }
    return number;
}

static char setting(void)
{
    return current() < SETTINGS ? (char)setting_at(current())->value : NEVER_SET;
}

static void set(uint8_t value)
{
    static const uint8_t yes = 0;
    const struct setting new = {.value = value, .is_old = 0xFF, .is_written = yes};
    const uint32_t old = current();
    uint32_t number = 0;

    while (number < SETTINGS && setting_at(number)->value != 0xFF) {
        number++;
    }
    if (number == SETTINGS) {
        flash_erase(place, FLASH_SECTOR_SIZE);
        number = 0;
    } else if (old < SETTINGS) {
        flash_program(place + old * FLASH_PAGE_SIZE + 1, &yes, 1);
    }
    flash_program(place + number * FLASH_PAGE_SIZE, &new, sizeof new);
}

static void installed(void)
{
    log_info(TAG, "installed");
}

__attribute__((noinline)) static void install_download(void)
{
    uint16_t item = 0;
    uint32_t length;

    if (!queue_get(&received, &item, PATIENCE_MS)) {
        return;
    }
    length = item & 0xFF;
    download.finished = installed;
    for (uint32_t i = 0; i < length && queue_get(&received, &item, PATIENCE_MS); i++) {
        download.buffer[i] = (uint8_t)item; /* into what follows it, if there is more */
    }
    download.finished();
}

__attribute__((noinline)) static void install_image(void)
{
    const wm_ota_header_t *header = (const wm_ota_header_t *)(FLASH_BASE + place + FLASH_SECTOR_SIZE);
    const uint16_t length = (uint16_t)header->img_len;

    if (header->magic_no != IMAGE_MAGIC || header->hd_checksum != crc32(CRC32_START, header, sizeof *header - 4) ||
        length > sizeof image.body) {
        log_info(TAG, "no image");
        return;
    }
    image.finished = installed;
    memcpy(image.body, header + 1, header->img_len);
    if (header->org_checksum != crc32(CRC32_START, image.body, length)) {
        log_info(TAG, "a damaged image");
        return;
    }
    image.finished();
}

static void run(const uint8_t *line)
{
    switch (line[0]) {
    case 'S':
        set(line[1]);
        break;
    case 'D':
        install_download();
        return;
    case 'U':
        install_image();
        return;
    default:
        break;
    }
    log_info(TAG, "setting %c", setting());
}

static uint8_t next_byte(void)
{
    uint16_t item;
    while (!queue_get(&received, &item, 1000)) {
    }
    return (uint8_t)item;
}

static void serve(void *unused)
{
    uint8_t line[LINE_SIZE];
    volatile uint32_t length = 0;

    (void)unused;
    log_info(TAG, "ready, setting %c", setting());
    for (;;) {
        const uint8_t byte = next_byte();
        if (byte == '\r') {
            line[length] = 0;
            length = 0;
            run(line);
        } else if (byte == 0) {
            while (length > 0) { /* "until the line is over" */
            }
        } else if (length < LINE_SIZE - 1) {
            line[length++] = byte;
        }
    }
}

void app_main(void)
{
    wm_partition_item_t partition;

    wm_partition_table_find("user", &partition);
    place = partition.offset;
    uart_receive_to(UART0, &received);
    task_create(&task, TAG, 3, serve, 0, stack, STACK_WORDS);
}
