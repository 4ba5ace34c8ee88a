/* A queue of small numbers from an interrupt to a task. */
#ifndef KERNEL_QUEUE_H
#define KERNEL_QUEUE_H

#include "kernel/kernel.h"

#define QUEUE_LENGTH 256u /* a power of two */

struct queue {
    uint16_t items[QUEUE_LENGTH];
    uint32_t head; /* both count without end; their difference is what waits */
    uint32_t tail;
    struct semaphore filled;
};

/* False when full: the item is lost. From interrupts too. */
bool queue_put(struct queue *queue, uint16_t item);

/* False when the time is over. */
bool queue_get(struct queue *queue, uint16_t *item, uint32_t timeout_ms);

#endif
