#include "board/dma.h"

struct dma_channel {
    volatile uint32_t source, destination, source_ring, destination_ring, ring_size;
    volatile uint32_t control, mode, stream, status, current_destination;
};

#define FLAGS                 (*(volatile uint32_t *)0x40000804u)
#define CHANNEL               ((struct dma_channel *)0x40000810u)
#define START                 1u
#define STOP                  2u
#define DONE                  2u
#define BY_REQUEST            (1u << 0)
#define REQUEST(number)       ((uint32_t)(number) << 2)
#define SOURCE_INCREMENT      (1u << 1)
#define DESTINATION_INCREMENT (1u << 3)
#define WORDS                 (2u << 5)
#define TOTAL(size)           ((size) << 8)

static void start(enum dma_request request, uint32_t source, uint32_t destination, uint32_t stream)
{
    CHANNEL->control = STOP;
    FLAGS = 3;
    CHANNEL->source = source;
    CHANNEL->destination = destination;
    CHANNEL->mode = BY_REQUEST | REQUEST(request);
    CHANNEL->stream = WORDS | stream;
    CHANNEL->control = START;
}

void dma_send(enum dma_request request, const void *data, volatile uint32_t *to, uint32_t size)
{
    start(request, (uint32_t)data, (uint32_t)to, SOURCE_INCREMENT | TOTAL(size));
}

void dma_receive(enum dma_request request, volatile uint32_t *from, void *data, uint32_t size)
{
    start(request, (uint32_t)from, (uint32_t)data, DESTINATION_INCREMENT | TOTAL(size));
}

void dma_wait(void)
{
    while (!(FLAGS & DONE)) {
    }
    FLAGS = 3;
}
