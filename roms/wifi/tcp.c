/* RFC 9293, a client: what is sent waits for its acknowledgement, what comes must be in order. */
#include "wifi/tcp.h"

#include "kernel/kernel.h"
#include "runtime/string.h"

#define HEADER       20u
#define MOST_SENT    1024u
#define SEGMENT_SIZE 1460u
#define BUFFER_SIZE  8192u /* a power of two */
#define RETRY_MS     500u
#define TRIES        8u
#define READ_TRIES   24u
#define FIRST_PORT   49152u

enum { FIN = 0x01, SYN = 0x02, RST = 0x04, PSH = 0x08, ACK = 0x10 };

static struct {
    uint8_t peer[IP_SIZE];
    uint16_t port, peer_port;
    uint32_t sent, acknowledged, expected;
    uint32_t head, tail; /* of the buffer; both count without end */
    uint32_t told_window;
    bool is_open, has_ended, is_broken;
    uint8_t buffer[BUFFER_SIZE];
} connection;

static uint16_t last_port = FIRST_PORT;

static uint32_t room(void)
{
    return BUFFER_SIZE - (connection.head - connection.tail);
}

static void send(uint8_t flags, uint32_t sequence, const uint8_t *data, uint32_t size)
{
    static uint8_t segment[HEADER + 4 + MOST_SENT];
    const uint32_t header = flags & SYN ? HEADER + 4 : HEADER;

    memset(segment, 0, header);
    put16(segment, connection.port);
    put16(segment + 2, connection.peer_port);
    put32(segment + 4, sequence);
    put32(segment + 8, connection.expected);
    segment[12] = (uint8_t)(header / 4 << 4);
    segment[13] = flags;
    connection.told_window = room();
    put16(segment + 14, connection.told_window);
    if (flags & SYN) {
        put32(segment + HEADER, 2u << 24 | 4u << 16 | SEGMENT_SIZE);
    }
    if (size) {
        memcpy(segment + header, data, size);
    }
    put16(segment + 16,
          internet_checksum(internet_address(), connection.peer, PROTOCOL_TCP, segment, header + size));
    internet_send(connection.peer, PROTOCOL_TCP, segment, header + size);
}

static void take_data(uint32_t sequence, const uint8_t *data, uint32_t size, uint8_t flags)
{
    if (sequence != connection.expected || size > room()) { /* lost, come again, or too much: we say where we are */
        send(ACK, connection.sent, 0, 0);
        return;
    }
    for (uint32_t i = 0; i < size; i++) {
        connection.buffer[connection.head++ % BUFFER_SIZE] = data[i];
    }
    connection.expected += size + (flags & FIN ? 1 : 0);
    connection.has_ended = flags & FIN;
    send(ACK, connection.sent, 0, 0);
}

static void take(const struct packet *packet)
{
    const uint8_t *segment = packet->payload;
    const uint32_t header = packet->size < HEADER ? 0 : (uint32_t)(segment[12] >> 4) * 4u;

    if (header < HEADER || header > packet->size || get16(segment + 2) != connection.port ||
        get16(segment) != connection.peer_port || memcmp(packet->source, connection.peer, IP_SIZE) != 0 ||
        internet_checksum(packet->source, internet_address(), PROTOCOL_TCP, segment, packet->size) != 0) {
        return;
    }
    const uint8_t flags = segment[13];
    const uint32_t acknowledged = get32(segment + 8);

    if (flags & RST) {
        connection.is_broken = true;
        return;
    }
    if (flags & ACK && acknowledged - connection.acknowledged <= connection.sent - connection.acknowledged) {
        connection.acknowledged = acknowledged;
    }
    if (flags & SYN && !connection.is_open) {
        connection.expected = get32(segment + 4) + 1;
        connection.is_open = acknowledged == connection.sent;
        send(ACK, connection.sent, 0, 0);
    } else if (flags & SYN) { /* come again, for our acknowledgement was lost */
        send(ACK, connection.sent, 0, 0);
    } else if (connection.is_open && !connection.has_ended && (packet->size > header || flags & FIN)) {
        take_data(get32(segment + 4), segment + header, packet->size - header, flags);
    } else if (flags & FIN) {
        send(ACK, connection.sent, 0, 0);
    }
}

/* Waits for a segment; false when the time is over. */
static bool wait(uint32_t timeout_ms)
{
    struct packet packet;

    if (!internet_receive(&packet, timeout_ms)) {
        return false;
    }
    if (packet.protocol == PROTOCOL_TCP) {
        take(&packet);
    }
    return true;
}

/* Sends until it is acknowledged. */
static bool deliver(uint8_t flags, const uint8_t *data, uint32_t size)
{
    const uint32_t sequence = connection.sent;

    connection.sent += size + (flags & (SYN | FIN) ? 1 : 0);
    for (uint32_t i = 0; i < TRIES; i++) {
        const uint32_t begun = kernel_ticks();

        send(flags, sequence, data, size);
        for (uint32_t waited = 0; waited < RETRY_MS; waited = kernel_ticks() - begun) {
            wait(RETRY_MS - waited);
            if (connection.is_broken) {
                return false;
            }
            if (connection.acknowledged == connection.sent) {
                return true;
            }
        }
    }
    connection.is_broken = true;
    return false;
}

bool tcp_connect(const uint8_t address[IP_SIZE], uint16_t port)
{
    memset(&connection, 0, sizeof connection - BUFFER_SIZE);
    memcpy(connection.peer, address, IP_SIZE);
    connection.port = ++last_port;
    connection.peer_port = port;
    connection.sent = connection.acknowledged = kernel_ticks() << 12;
    return deliver(SYN, 0, 0) && connection.is_open;
}

bool tcp_write(const uint8_t *data, uint32_t size)
{
    return size <= MOST_SENT && deliver(ACK | PSH, data, size);
}

int tcp_read(uint8_t *data, uint32_t size)
{
    uint32_t count = 0;

    for (uint32_t i = 0; connection.head == connection.tail && i < READ_TRIES; i++) {
        if (connection.is_broken || connection.has_ended) {
            return connection.is_broken ? -1 : 0;
        }
        if (wait(RETRY_MS)) {
            i = 0;
        }
    }
    if (connection.head == connection.tail) {
        return -1;
    }
    while (count < size && connection.tail != connection.head) {
        data[count++] = connection.buffer[connection.tail++ % BUFFER_SIZE];
    }
    if (room() - connection.told_window >= SEGMENT_SIZE && connection.told_window < SEGMENT_SIZE) {
        send(ACK, connection.sent, 0, 0);
    }
    return (int)count;
}

void tcp_close(void)
{
    if (connection.is_open && !connection.is_broken) {
        deliver(FIN | ACK, 0, 0);
    }
    connection.is_open = false;
}
