/* Calls through pointers: drivers with tables of functions, and observers. */
#include "benchmark.h"

#define DEVICES 8u

struct device;

struct driver {
    uint32_t (*read)(struct device *device);
    void (*write)(struct device *device, uint32_t value);
    uint32_t (*scale)(uint32_t value);
};

struct device {
    const struct driver *driver;
    uint32_t value;
    uint32_t accesses;
};

const uint32_t benchmark_rounds = 97000;

static struct device devices[DEVICES];

static uint32_t read_plain(struct device *device)
{
    return device->value;
}

static uint32_t read_counted(struct device *device)
{
    device->accesses++;
    return device->value + device->accesses;
}

static void write_plain(struct device *device, uint32_t value)
{
    device->value = value;
}

static void write_limited(struct device *device, uint32_t value)
{
    device->value = value > 1000000 ? value & 0xFFFF : value;
}

static uint32_t same(uint32_t value)
{
    return value;
}

static uint32_t halved(uint32_t value)
{
    return value >> 1;
}

static uint32_t inverted(uint32_t value)
{
    return ~value;
}

static const struct driver drivers[4] = {
    {read_plain, write_plain, same},
    {read_counted, write_plain, halved},
    {read_plain, write_limited, inverted},
    {read_counted, write_limited, same},
};

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    for (uint32_t i = 0; i < DEVICES; i++) {
        devices[i] = (struct device){&drivers[next_random(&random) % 4], i, 0};
    }
    for (; rounds > 0; rounds--) {
        for (uint32_t i = 0; i < DEVICES; i++) {
            struct device *device = &devices[i];
            const struct driver *driver = device->driver;

            driver->write(device, driver->scale(driver->read(device)) + rounds + i);
            checksum = checksum * 33 + device->value;
        }
    }
    return checksum;
}
