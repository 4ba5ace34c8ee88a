/* A reader of JSON by recursive descent: depth, numbers, and a hash of the names. */
#include "benchmark.h"

const uint32_t benchmark_rounds = 14000;

struct reader {
    const char *next;
    uint32_t hash;
    int32_t sum;
    uint32_t failed;
};

static const char document[] =
    "{\"device\": {\"name\": \"sensor-7\", \"online\": true, \"position\": [-122, 47, 12]},\n"
    " \"readings\": [{\"t\": 1000, \"v\": 215}, {\"t\": 2000, \"v\": -17}, {\"t\": 3000, \"v\": null}],\n"
    " \"labels\": [\"a\\n\", \"b\\\"c\", \"\"], \"limits\": {\"low\": -40, \"high\": 125, \"strict\": false},\n"
    " \"nested\": [[[[1, 2], 3], 4], {}]}";

static void skip_space(struct reader *reader)
{
    while (*reader->next == ' ' || *reader->next == '\n') {
        reader->next++;
    }
}

static uint32_t takes(struct reader *reader, char character)
{
    skip_space(reader);
    if (*reader->next != character) {
        return 0;
    }
    reader->next++;
    return 1;
}

static SEPARATE void read_string(struct reader *reader)
{
    while (*reader->next && *reader->next != '"') {
        if (*reader->next == '\\') {
            reader->next++;
        }
        reader->hash = (reader->hash ^ (uint8_t)*reader->next++) * 16777619u;
    }
    reader->failed |= !takes(reader, '"');
}

static SEPARATE void read_number(struct reader *reader)
{
    const uint32_t is_negative = takes(reader, '-');
    int32_t number = 0;

    while (*reader->next >= '0' && *reader->next <= '9') {
        number = number * 10 + *reader->next++ - '0';
    }
    reader->sum += is_negative ? -number : number;
}

static SEPARATE void read_word(struct reader *reader, const char *word)
{
    for (; *word; word++) {
        reader->failed |= *reader->next != *word;
        reader->next++;
    }
    reader->hash += 3;
}

static void read_value(struct reader *reader);

static void read_members(struct reader *reader, char end, uint32_t has_names)
{
    if (takes(reader, end)) {
        return;
    }
    do {
        if (has_names) {
            reader->failed |= !takes(reader, '"');
            read_string(reader);
            reader->failed |= !takes(reader, ':');
        }
        read_value(reader);
    } while (takes(reader, ','));
    reader->failed |= !takes(reader, end);
}

static SEPARATE void read_value(struct reader *reader)
{
    skip_space(reader);
    switch (*reader->next) {
    case '{': reader->next++; read_members(reader, '}', 1); break;
    case '[': reader->next++; read_members(reader, ']', 0); break;
    case '"': reader->next++; read_string(reader); break;
    case 't': read_word(reader, "true"); break;
    case 'f': read_word(reader, "false"); break;
    case 'n': read_word(reader, "null"); break;
    default: read_number(reader); break;
    }
}

uint32_t benchmark(uint32_t rounds)
{
    struct reader reader = {0, 2166136261u, 0, 0};

    for (; rounds > 0; rounds--) {
        reader.next = document;
        read_value(&reader);
    }
    return reader.hash + (uint32_t)reader.sum + reader.failed * 1000003u;
}
