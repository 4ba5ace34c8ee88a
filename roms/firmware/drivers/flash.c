/* Reading, erasing and programming, command by command through the controller's FIFO. */
#include "drivers/flash.h"

#include "drivers/flash_command.h"
#include "kernel/kernel.h"
#include "runtime/string.h"

/* Typical times of the first part in wm_hal_iflash_chips.h, Puya's P25Q series, rounded up. */
#define ERASE_MS   6u
#define PROGRAM_MS 2u

static struct flash_identity identity;

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static bool is_inside(uint32_t offset, uint32_t size)
{
    return offset <= identity.size_bytes && size <= identity.size_bytes - offset;
}

/* The FIFO takes words only. */
static void fifo_read(void *data, uint32_t size)
{
    for (uint32_t done = 0; done < size; done += 4) {
        const uint32_t word = FLASH_FIFO[done / 4];
        memcpy((uint8_t *)data + done, &word, smaller(4, size - done));
    }
}

static void fifo_write(const void *data, uint32_t size)
{
    for (uint32_t done = 0; done < size; done += 4) {
        uint32_t word = ~0u;
        memcpy(&word, (const uint8_t *)data + done, smaller(4, size - done));
        FLASH_FIFO[done / 4] = word;
    }
}

static void write_command(uint32_t info, uint32_t offset, uint32_t busy_ms)
{
    flash_command(FLASH_WRITE_ENABLE, 0, 0);
    flash_command(info | FLASH_INFO_ADDRESS, offset, busy_ms);
}

bool flash_start(void)
{
    uint8_t id[3]; /* manufacturer, type, capacity as a power of two */

    kernel_lock();
    flash_command(FLASH_READ_ID | FLASH_INFO_READ | FLASH_INFO_DATA(3), 0, 0);
    fifo_read(id, sizeof id);
    flash_command(FLASH_READ_UNIQUE_ID | FLASH_INFO_READ | FLASH_INFO_DATA(16) | FLASH_INFO_DUMMY(4), 0, 0);
    fifo_read(identity.unique_id, sizeof identity.unique_id);
    kernel_unlock();
    if (id[0] == 0 || id[0] == 0xFF || id[2] >= 32) {
        return false;
    }
    identity.manufacturer = id[0];
    identity.size_bytes = 1u << id[2];
    return true;
}

const struct flash_identity *flash_identity(void)
{
    return &identity;
}

bool flash_read(uint32_t offset, void *data, uint32_t size)
{
    if (!is_inside(offset, size)) {
        return false;
    }
    for (uint32_t done = 0, part; done < size; done += part) {
        part = smaller(FLASH_PAGE_SIZE, size - done);
        kernel_lock();
        flash_command(FLASH_READ_DATA | FLASH_INFO_READ | FLASH_INFO_ADDRESS | FLASH_INFO_DATA(part), offset + done, 0);
        fifo_read((uint8_t *)data + done, part);
        kernel_unlock();
    }
    return true;
}

bool flash_erase(uint32_t offset, uint32_t size)
{
    if (!is_inside(offset, size) || (offset | size) % FLASH_SECTOR_SIZE != 0) {
        return false;
    }
    for (uint32_t done = 0; done < size; done += FLASH_SECTOR_SIZE) {
        kernel_lock();
        write_command(FLASH_ERASE_SECTOR | FLASH_INFO_SECTOR_ERASE, offset + done, ERASE_MS);
        kernel_unlock();
    }
    return true;
}

bool flash_program(uint32_t offset, const void *data, uint32_t size)
{
    if (!is_inside(offset, size)) {
        return false;
    }
    for (uint32_t done = 0, part; done < size; done += part) {
        const uint32_t page_left = FLASH_PAGE_SIZE - (offset + done) % FLASH_PAGE_SIZE;
        part = smaller(page_left, size - done); /* the device would wrap inside the page */
        kernel_lock();
        fifo_write((const uint8_t *)data + done, part);
        write_command(FLASH_PROGRAM_PAGE | FLASH_INFO_PAGE_PROGRAM | FLASH_INFO_DATA(part), offset + done, PROGRAM_MS);
        kernel_unlock();
    }
    return true;
}
