/* Writes a page that wraps and text over several pages into a 24C02 at 0x50, polls until it is programmed, reads back. */
#include "board/i2c.h"
#include "board/parts.h"
#include "board/pins.h"
#include "runtime/log.h"
#include "runtime/string.h"

#define ADDRESS    0x50u
#define PAGE_BYTES 8u

/* False after a second. */
static bool wait_until_programmed(const struct i2c *bus, uint32_t *polls)
{
    for (*polls = 0; *polls < 20000u; ++*polls) {
        if (i2c_write(bus, ADDRESS, 0, 0, true)) {
            return true;
        }
        wait_us(50);
    }
    return false;
}

static bool write_page(const struct i2c *bus, uint8_t place, const char *data, uint32_t size, uint32_t *polls)
{
    uint8_t message[1 + PAGE_BYTES] = {place};

    memcpy(message + 1, data, size);
    return i2c_write(bus, ADDRESS, message, 1 + size, true) && wait_until_programmed(bus, polls);
}

static bool read(const struct i2c *bus, uint8_t place, char *data, uint32_t size)
{
    return i2c_write(bus, ADDRESS, &place, 1, false) && i2c_read(bus, ADDRESS, (uint8_t *)data, size);
}

void run_eeprom(const struct i2c *bus)
{
    char found[17] = {0};
    uint32_t polls = 0;

    i2c_start(bus, 400000u);
    if (!write_page(bus, 0x10, "12345678", 8, &polls)) {
        LOG("eeprom: nobody answers");
        return;
    }
    LOG("eeprom: a page took %u", polls > 10u ? 5u : 0u);
    write_page(bus, 0x1E, "abcd", 4, &polls); /* two bytes go to the beginning of the page */
    read(bus, 0x10, found, 16);
    for (uint32_t n = 0; n < 16; n++) {
        found[n] = (uint8_t)found[n] == 0xFF ? '.' : found[n];
    }
    LOG("eeprom: holds %s", found);
}
