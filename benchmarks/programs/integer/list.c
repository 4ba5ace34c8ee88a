/* Linked lists: reversing, searching, merge sort. Neighbours in the list are far apart in memory. */
#include "benchmark.h"

#define NODES 256u

struct node {
    struct node *next;
    uint32_t value;
};

const uint32_t benchmark_rounds = 900;

static struct node nodes[NODES];

static struct node *reversed(struct node *list)
{
    struct node *result = 0;

    while (list) {
        struct node *next = list->next;

        list->next = result;
        result = list;
        list = next;
    }
    return result;
}

static const struct node *found(const struct node *list, uint32_t value)
{
    while (list && list->value != value) {
        list = list->next;
    }
    return list;
}

static struct node *merged(struct node *one, struct node *other)
{
    struct node *first = 0, **end = &first;

    while (one && other) {
        struct node **smaller = one->value <= other->value ? &one : &other;

        *end = *smaller;
        end = &(*end)->next;
        *smaller = *end;
    }
    *end = one ? one : other;
    return first;
}

static struct node *sorted(struct node *list, uint32_t length)
{
    struct node *middle = list, *half;

    if (length < 2) {
        return list;
    }
    for (uint32_t i = 1; i < length / 2; i++) {
        middle = middle->next;
    }
    half = middle->next;
    middle->next = 0;
    list = sorted(list, length / 2);
    return merged(list, sorted(half, length - length / 2));
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    for (; rounds > 0; rounds--) {
        struct node *list = 0;

        for (uint32_t i = 0; i < NODES; i++) {
            struct node *node = &nodes[i * 97 % NODES];

            node->value = next_random(&random) >> 16;
            node->next = list;
            list = node;
        }
        for (uint32_t i = 0; i < 16; i++) {
            const struct node *node = found(list, nodes[i * 15].value);

            list = reversed(list);
            checksum = checksum * 33 + node->value;
        }
        for (const struct node *node = sorted(list, NODES); node; node = node->next) {
            checksum = checksum * 31 + node->value;
        }
    }
    return checksum;
}
