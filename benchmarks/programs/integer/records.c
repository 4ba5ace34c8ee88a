/* Records with names that refer to each other: comparing, copying, small procedures; the mix of Dhrystone. */
#include "benchmark.h"

#define RECORDS     8u
#define NAME_LENGTH 30u

enum kind { SENSOR, ACTUATOR, GATEWAY };

struct record {
    struct record *next;
    enum kind kind;
    int32_t reading;
    uint32_t checks;
    char name[NAME_LENGTH + 2];
};

const uint32_t benchmark_rounds = 18000;

static struct record records[RECORDS];
static int32_t history[64];

static SEPARATE int32_t compared(const char *one, const char *other)
{
    while (*one && *one == *other) {
        one++;
        other++;
    }
    return *one - *other;
}

static SEPARATE void copy_name(char *to, const char *from)
{
    while ((*to++ = *from++)) {
    }
}

static SEPARATE enum kind next_kind(enum kind kind, int32_t reading)
{
    switch (kind) {
    case SENSOR: return reading > 100 ? GATEWAY : ACTUATOR;
    case ACTUATOR: return reading & 1 ? SENSOR : GATEWAY;
    default: return SENSOR;
    }
}

static SEPARATE void add_to_history(int32_t reading, uint32_t place)
{
    const uint32_t first = place % 56;

    history[first] = reading;
    history[first + 1] = history[first];
    history[first + 7] = reading / 3;
    for (uint32_t i = first; i < first + 3; i++) {
        history[i] += history[first + 7] - (int32_t)i;
    }
}

static SEPARATE void update(struct record *record, int32_t reading)
{
    struct record *next = record->next;

    next->reading = reading + 5;
    next->kind = next_kind(record->kind, reading);
    next->checks++;
    if (next->kind == record->kind) {
        next->reading = record->reading * 2 % 1000;
    } else {
        copy_name(next->name, record->name);
        next->name[next->checks % 20 + 8] = (char)('A' + reading % 26);
    }
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    for (uint32_t i = 0; i < 64; i++) {
        history[i] = 0;
    }
    for (uint32_t i = 0; i < RECORDS; i++) {
        records[i].next = &records[(i + 1) % RECORDS];
        records[i].kind = (enum kind)(i % 3);
        records[i].reading = (int32_t)i * 10;
        records[i].checks = 0;
        copy_name(records[i].name, "TEMPERATURE OF ROOM NUMBER ONE");
    }
    for (; rounds > 0; rounds--) {
        for (uint32_t i = 0; i < RECORDS; i++) {
            struct record *record = &records[i];
            const int32_t reading = (int32_t)(next_random(&random) % 200);

            update(record, reading);
            add_to_history(record->reading, record->checks);
            if (compared(record->name, record->next->name) > 0) {
                record->reading += history[i];
            }
            checksum = checksum * 33 + (uint32_t)record->reading + record->next->kind;
        }
    }
    return checksum;
}
