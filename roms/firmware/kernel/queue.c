/* One reader and one interrupt priority of writers: head and tail need no lock. */
#include "kernel/queue.h"

#include "chip/memory_map.h"

RAM_CODE bool queue_put(struct queue *queue, uint16_t item)
{
    if (queue->head - queue->tail == QUEUE_LENGTH) {
        return false;
    }
    queue->items[queue->head++ % QUEUE_LENGTH] = item;
    semaphore_give(&queue->filled);
    return true;
}

bool queue_get(struct queue *queue, uint16_t *item, uint32_t timeout_ms)
{
    if (!semaphore_take(&queue->filled, timeout_ms)) {
        return false;
    }
    *item = queue->items[queue->tail++ % QUEUE_LENGTH];
    return true;
}
