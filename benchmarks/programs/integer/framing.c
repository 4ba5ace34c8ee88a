/* Packets on a serial line: SLIP framing as in RFC 1055 through a ring buffer, with a checksum as in RFC 1071. */
#include "benchmark.h"

#define PACKET_SIZE 200u
#define RING_SIZE   256u

enum { END = 0xC0, ESCAPE = 0xDB, ESCAPED_END = 0xDC, ESCAPED_ESCAPE = 0xDD };

struct ring {
    uint32_t head;
    uint32_t tail;
    uint8_t bytes[RING_SIZE];
};

const uint32_t benchmark_rounds = 8800;

static struct ring line;
static uint8_t sent[PACKET_SIZE], received[PACKET_SIZE];

static SEPARATE uint32_t put(struct ring *ring, uint32_t byte)
{
    if (ring->head - ring->tail == RING_SIZE) {
        return 0;
    }
    ring->bytes[ring->head++ % RING_SIZE] = (uint8_t)byte;
    return 1;
}

static SEPARATE int32_t get(struct ring *ring)
{
    return ring->head == ring->tail ? -1 : ring->bytes[ring->tail++ % RING_SIZE];
}

static SEPARATE void send(const uint8_t *packet, uint32_t size_bytes)
{
    for (uint32_t i = 0; i < size_bytes; i++) {
        switch (packet[i]) {
        case END: put(&line, ESCAPE); put(&line, ESCAPED_END); break;
        case ESCAPE: put(&line, ESCAPE); put(&line, ESCAPED_ESCAPE); break;
        default: put(&line, packet[i]); break;
        }
    }
    put(&line, END);
}

static SEPARATE uint32_t receive(uint8_t *packet)
{
    uint32_t size_bytes = 0;
    int32_t byte;

    while ((byte = get(&line)) >= 0 && byte != END) {
        if (byte == ESCAPE) {
            byte = get(&line) == ESCAPED_END ? END : ESCAPE;
        }
        if (size_bytes < PACKET_SIZE) {
            packet[size_bytes++] = (uint8_t)byte;
        }
    }
    return size_bytes;
}

static SEPARATE uint32_t internet_checksum(const uint8_t *bytes, uint32_t size_bytes)
{
    uint32_t sum = 0;

    for (; size_bytes > 1; size_bytes -= 2, bytes += 2) {
        sum += (uint32_t)bytes[0] << 8 | bytes[1];
    }
    if (size_bytes) {
        sum += (uint32_t)bytes[0] << 8;
    }
    sum = (sum & 0xFFFF) + (sum >> 16);
    return ~(sum + (sum >> 16)) & 0xFFFF;
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;

    line.head = line.tail = 0;
    for (uint32_t i = 0; i < PACKET_SIZE; i++) {
        sent[i] = (uint8_t)(next_random(&random) >> 8);
    }
    for (; rounds > 0; rounds--) {
        const uint32_t size_bytes = PACKET_SIZE - rounds % 64;

        sent[rounds % PACKET_SIZE] = (uint8_t)checksum;
        send(sent, size_bytes);
        checksum = checksum * 33 + receive(received);
        checksum = checksum * 33 + internet_checksum(received, size_bytes);
    }
    return checksum;
}
