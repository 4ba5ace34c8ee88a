/* Looking for words in a text: letter by letter, and as in Horspool, Practical fast searching in strings, 1980. */
#include "benchmark.h"

#define TEXT_SIZE 1024u

const uint32_t benchmark_rounds = 4400;

static uint8_t text[TEXT_SIZE];
static uint8_t skips[256];

static void make_text(void)
{
    static const char sentence[] = "the quick brown fox jumps over the lazy dog and ";
    uint32_t random = RANDOM_SEED;

    for (uint32_t i = 0; i < TEXT_SIZE; i++) {
        text[i] = (uint8_t)(sentence[i % (sizeof(sentence) - 1)] + (next_random(&random) % 16 == 0));
    }
}

static SEPARATE uint32_t occurrences(const char *word, uint32_t length)
{
    uint32_t found = 0;

    for (uint32_t i = 0; i + length <= TEXT_SIZE; i++) {
        uint32_t same = 0;

        while (same < length && text[i + same] == (uint8_t)word[same]) {
            same++;
        }
        found += same == length;
    }
    return found;
}

static SEPARATE uint32_t horspool(const char *word, uint32_t length, uint32_t from)
{
    for (uint32_t i = 0; i < 256; i++) {
        skips[i] = (uint8_t)length;
    }
    for (uint32_t i = 0; i + 1 < length; i++) {
        skips[(uint8_t)word[i]] = (uint8_t)(length - 1 - i);
    }
    while (from + length <= TEXT_SIZE) {
        uint32_t same = length;

        while (same > 0 && text[from + same - 1] == (uint8_t)word[same - 1]) {
            same--;
        }
        if (same == 0) {
            break;
        }
        from += skips[text[from + length - 1]];
    }
    return from;
}

uint32_t benchmark(uint32_t rounds)
{
    static const char *const words[4] = {"quick", "lazy", "fox jumps", "unicorn"};
    static const uint8_t lengths[4] = {5, 4, 9, 7};
    uint32_t checksum = 0;

    make_text();
    for (; rounds > 0; rounds--) {
        const uint32_t which = (rounds + checksum) % 4;

        checksum = checksum * 33 + occurrences(words[which], lengths[which]);
        checksum = checksum * 33 + horspool(words[which], lengths[which], checksum % TEXT_SIZE);
    }
    return checksum;
}
