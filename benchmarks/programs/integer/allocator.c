/* Dynamic memory: first fit from a list of free blocks in the order of their places, which grow together again. */
#include "benchmark.h"

#define WORDS 4096u
#define HELD  64u
#define NONE  0u

/* Places are numbers of words, so that both machines have the same ones. A block begins with its size. */
struct block {
    uint32_t size_words;
    uint32_t next_free;
};

const uint32_t benchmark_rounds = 22000;

static uint32_t memory[WORDS];
static uint32_t held[HELD];
static uint32_t first_free;

static struct block *block_at(uint32_t place)
{
    return (struct block *)&memory[place];
}

static void start_heap(void)
{
    first_free = 2;
    *block_at(first_free) = (struct block){WORDS - 2, NONE};
    for (uint32_t i = 0; i < HELD; i++) {
        held[i] = NONE;
    }
}

static SEPARATE uint32_t allocate(uint32_t size_words)
{
    uint32_t *link = &first_free;

    size_words = (size_words + 2) & ~1u;
    for (uint32_t place = first_free; place != NONE; place = *link) {
        struct block *block = block_at(place);

        if (block->size_words >= size_words + 2) { /* the rest stays where it is */
            block->size_words -= size_words;
            place += block->size_words;
            block_at(place)->size_words = size_words;
            return place;
        }
        if (block->size_words == size_words) {
            *link = block->next_free;
            return place;
        }
        link = &block->next_free;
    }
    return NONE;
}

static SEPARATE void release(uint32_t place)
{
    struct block *block = block_at(place);
    uint32_t before = NONE, behind = first_free;

    while (behind != NONE && behind < place) {
        before = behind;
        behind = block_at(behind)->next_free;
    }
    if (place + block->size_words == behind) {
        block->size_words += block_at(behind)->size_words;
        behind = block_at(behind)->next_free;
    }
    block->next_free = behind;
    if (before == NONE) {
        first_free = place;
    } else if (before + block_at(before)->size_words == place) {
        block_at(before)->size_words += block->size_words;
        block_at(before)->next_free = block->next_free;
    } else {
        block_at(before)->next_free = place;
    }
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    start_heap();
    for (; rounds > 0; rounds--) {
        for (uint32_t i = 0; i < 32; i++) {
            uint32_t *one = &held[next_random(&random) % HELD];

            if (*one != NONE) {
                checksum += memory[*one + 1];
                release(*one);
                *one = NONE;
            } else if ((*one = allocate(random >> 8 & 0x7F)) != NONE) {
                memory[*one + 1] = random;
            }
            checksum = checksum * 33 + *one;
        }
    }
    return checksum;
}
