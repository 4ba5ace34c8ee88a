/* Timers in a binary heap: the next one due is taken out and set again. */
#include "benchmark.h"

#define TIMERS 200u

struct timer {
    uint32_t due;
    uint32_t number;
};

const uint32_t benchmark_rounds = 3100;

static struct timer heap[TIMERS + 1]; /* [1] is due first; the children of [i] are [2i] and [2i + 1] */
static uint32_t count;

static SEPARATE void insert(struct timer timer)
{
    uint32_t place = ++count;

    for (; place > 1 && heap[place / 2].due > timer.due; place /= 2) {
        heap[place] = heap[place / 2];
    }
    heap[place] = timer;
}

static SEPARATE struct timer take_first(void)
{
    const struct timer first = heap[1], last = heap[count--];
    uint32_t place = 1, child;

    while ((child = place * 2) <= count) {
        if (child < count && heap[child + 1].due < heap[child].due) {
            child++;
        }
        if (last.due <= heap[child].due) {
            break;
        }
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = last;
    return first;
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    count = 0;
    for (uint32_t i = 0; i < TIMERS; i++) {
        insert((struct timer){next_random(&random) >> 20, i});
    }
    for (; rounds > 0; rounds--) {
        for (uint32_t i = 0; i < 100; i++) {
            struct timer timer = take_first();

            checksum = checksum * 33 + timer.due + timer.number;
            timer.due += next_random(&random) >> 20;
            insert(timer);
        }
    }
    return checksum;
}
