/* Settings by name: a hash table of strings with open addressing. */
#include "benchmark.h"

#define SLOTS     256u
#define NAMES     150u
#define NAME_SIZE 12u

struct slot {
    uint32_t value;
    char name[NAME_SIZE];
};

const uint32_t benchmark_rounds = 2100;

static struct slot table[SLOTS];

static void make_name(char name[NAME_SIZE], uint32_t number)
{
    static const char letters[16] = "etaoinshrdlucmfw";
    uint32_t length = 0;

    for (number = number * 2654435761u | 1; number && length < NAME_SIZE - 1; number >>= 3) {
        name[length++] = letters[number & 15];
    }
    name[length] = 0;
}

static SEPARATE uint32_t hash_of(const char *name)
{
    uint32_t hash = 2166136261u;

    for (; *name; name++) {
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    }
    return hash ^ hash >> 15;
}

static SEPARATE uint32_t is_same(const char *one, const char *other)
{
    while (*one && *one == *other) {
        one++;
        other++;
    }
    return *one == *other;
}

/* The slot with the name, or the free one where it may be put. */
static SEPARATE struct slot *slot_of(const char *name)
{
    uint32_t place = hash_of(name);

    while (table[place % SLOTS].name[0] && !is_same(table[place % SLOTS].name, name)) {
        place++;
    }
    return &table[place % SLOTS];
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0;
    char name[NAME_SIZE];

    for (; rounds > 0; rounds--) {
        for (uint32_t i = 0; i < SLOTS; i++) {
            table[i].name[0] = 0;
        }
        for (uint32_t i = 0; i < NAMES; i++) {
            struct slot *slot;

            make_name(name, i * 2 + rounds % 2);
            slot = slot_of(name);
            if (slot->name[0]) {
                slot->value += i;
            } else {
                slot->value = i;
                for (uint32_t letter = 0; letter < NAME_SIZE; letter++) {
                    slot->name[letter] = name[letter];
                }
            }
        }
        for (uint32_t i = 0; i < NAMES / 2; i++) {
            make_name(name, i * 3);
            checksum = checksum * 33 + (slot_of(name)->name[0] ? slot_of(name)->value : 1);
        }
    }
    return checksum;
}
