/* Tests of the kernel and the drivers, as a firmware: prints a line for each, and how many failed. */
#include "check/check.h"
#include "chip/memory_map.h"
#include "drivers/checksum.h"
#include "drivers/flash.h"
#include "kernel/kernel.h"
#include "kernel/queue.h"
#include "runtime/format.h"
#include "runtime/string.h"
#include "selftest/ota.h"
#include "start/system.h"
#include "storage/wm_partition_table.h"

#define STACK_WORDS 256u

/* The main task has priority 4. */
#define BELOW_MAIN  3
#define ABOVE_MAIN  6

static struct task tasks[8];
static uint32_t stacks[8][STACK_WORDS];
static uint32_t task_count;

static void start(void (*entry)(void *), void *argument, uint8_t priority)
{
    task_create(&tasks[task_count], "test", priority, entry, argument, stacks[task_count], STACK_WORDS);
    task_count++;
}

static uint32_t ticks_of(void (*action)(void))
{
    const uint32_t begin = kernel_ticks();

    action();
    return kernel_ticks() - begin;
}

static void sleep_50(void)
{
    task_sleep_ms(50);
}

static volatile bool spin = true;

static void spinner(void *counter)
{
    while (spin) {
        ++*(volatile uint32_t *)counter;
    }
}

/* Two tasks of one priority that never wait; the main task preempts them. */
static void test_time_slices(void)
{
    static uint32_t counts[2];
    uint32_t slept;

    start(spinner, &counts[0], BELOW_MAIN);
    start(spinner, &counts[1], BELOW_MAIN);
    slept = ticks_of(sleep_50);
    spin = false;
    check("a busy task is preempted", slept == 50 && counts[0] > 0);
    check("equal tasks share the time", counts[0] / 8 * 9 > counts[1] && counts[1] / 8 * 9 > counts[0]);
}

static struct semaphore semaphore;
static uint32_t order;

static void take_and_note(void *place)
{
    semaphore_take(&semaphore, FOREVER);
    *(uint32_t *)place = ++order;
}

static void take_in_vain(void)
{
    check("a semaphore times out", !semaphore_take(&semaphore, 20));
}

static void test_semaphores(void)
{
    static uint32_t low, high;

    check("the time out is exact", ticks_of(take_in_vain) == 20);
    start(take_and_note, &low, ABOVE_MAIN - 1);
    start(take_and_note, &high, ABOVE_MAIN);
    kernel_lock();
    semaphore_give(&semaphore);
    semaphore_give(&semaphore);
    check("a lock keeps others from running", order == 0);
    kernel_unlock();
    check("the most urgent task is served first", high == 1 && low == 2);
}

static struct queue queue;

static void put_numbers(void *unused)
{
    (void)unused;
    for (uint16_t i = 0; i < QUEUE_LENGTH; i++) {
        queue_put(&queue, i);
    }
}

static void test_queue(void)
{
    bool is_in_order = true;

    start(put_numbers, 0, ABOVE_MAIN);
    check("a full queue refuses", !queue_put(&queue, 0));
    for (uint16_t i = 0, item; i < QUEUE_LENGTH; i++) {
        is_in_order &= queue_get(&queue, &item, 0) && item == i;
    }
    check("a queue keeps the order", is_in_order);
}

static wm_partition_item_t user;

static void erase_user_partition(void)
{
    flash_erase(user.offset, user.size);
}

static void test_flash(void)
{
    static const char text[] = "programmed across the border of two pages";
    const uint32_t place = user.offset + FLASH_PAGE_SIZE - 7;
    const uint32_t sectors = user.size / FLASH_SECTOR_SIZE;
    char read[sizeof text];
    uint8_t zeros[2] = {0x0F, 0xFF};

    check("the table has a user partition", wm_partition_table_find("user", &user) == WM_ERR_SUCCESS);
    check("the tick goes on while the flash is busy", ticks_of(erase_user_partition) >= 6 * sectors);
    flash_program(place, text, sizeof text);
    flash_read(place, read, sizeof read);
    check("flash reads what was programmed", memcmp(text, read, sizeof text) == 0);
    check("the CPU sees the same", memcmp(text, (const void *)(FLASH_BASE + place), sizeof text) == 0);
    flash_program(place, zeros, sizeof zeros);
    flash_read(place, read, 2);
    check("programming only clears bits", read[0] == (text[0] & 0x0F) && read[1] == text[1]);
    check("nothing is erased in part", !flash_erase(user.offset + 1, FLASH_SECTOR_SIZE));
    check("nothing is done outside", !flash_erase(flash_identity()->size_bytes, FLASH_SECTOR_SIZE));
}

static void test_checksums(void)
{
    /* RFC 1321, A.5; and the check value of CRC-32, before the final inversion. */
    static const uint8_t md5_of_letters[MD5_SIZE] = {0xc3, 0xfc, 0xd3, 0xd7, 0x61, 0x92, 0xe4, 0x00,
                                                     0x7d, 0xfb, 0x49, 0x6c, 0xca, 0x67, 0xe1, 0x3b};
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    uint8_t digest[MD5_SIZE];

    md5(letters, sizeof letters - 1, digest);
    check("md5", memcmp(digest, md5_of_letters, MD5_SIZE) == 0);
    check("crc-32", crc32(CRC32_START, "123456789", 9) == ~0xCBF43926u);
    check("crc-32 in two parts", crc32(crc32(CRC32_START, "1234", 4), "56789", 5) == ~0xCBF43926u);
}

static void test_format(void)
{
    char text[48];

    format_text(text, sizeof text, "%s|%5u|%08x|%d|%c|%%", "text", 42u, 0xBEEFu, -7, 'c');
    check("formatted text", strcmp(text, "text|   42|0000beef|-7|c|%") == 0);
    format_text(text, 5, "%s", "too long");
    check("formatted text is cut", strcmp(text, "too ") == 0);
}

void app_main(void)
{
    log_version();
    check("sleeping takes its time", ticks_of(sleep_50) == 50);
    test_time_slices();
    test_semaphores();
    test_queue();
    test_flash();
    test_checksums();
    test_format();
    test_ota();
    check_done();
}
