/* ARP: RFC 826; IPv4: RFC 791; DHCP: RFC 2131; DNS: RFC 1035. */
#include "wifi/internet.h"

#include "kernel/kernel.h"
#include "runtime/string.h"
#include "storage/factory_parameters.h"
#include "wifi/station.h"

#define TYPE_IPV4       0x0800u
#define TYPE_ARP        0x0806u
#define ARP_SIZE        28u
#define IP_HEADER       20u
#define UDP_HEADER      8u
#define LARGEST_PACKET  1500u
#define ANSWER_MS       1000u
#define TRIES           4u
#define DHCP_CLIENT     68u
#define DHCP_SERVER     67u
#define DHCP_SIZE       300u
#define DHCP_OPTIONS    240u
#define DNS_PORT        53u
#define DNS_CLIENT      4053u
#define DNS_HEADER      12u
#define TRANSACTION     0x57383030u

enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACKNOWLEDGE = 5 };
enum { OPTION_MASK = 1, OPTION_ROUTER = 3, OPTION_DNS = 6, OPTION_WANTED = 50, OPTION_TYPE = 53, OPTION_SERVER = 54,
       OPTION_END = 255 };

static const uint8_t everybody_mac[MAC_SIZE] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
static const uint8_t everybody[IP_SIZE] = {255, 255, 255, 255};
static uint8_t own[IP_SIZE], router[IP_SIZE], name_server[IP_SIZE], router_mac[MAC_SIZE];
static uint16_t identification;

const uint8_t *internet_address(void)
{
    return own;
}

static uint32_t sum(uint32_t total, const uint8_t *data, uint32_t size)
{
    for (uint32_t i = 0; i + 1 < size; i += 2) {
        total += get16(data + i);
    }
    return size & 1 ? total + ((uint32_t)data[size - 1] << 8) : total;
}

static uint16_t folded(uint32_t total)
{
    while (total >> 16) {
        total = (total & 0xFFFF) + (total >> 16);
    }
    return (uint16_t)~total;
}

uint16_t internet_checksum(const uint8_t source[IP_SIZE], const uint8_t destination[IP_SIZE], uint8_t protocol,
                           const uint8_t *payload, uint32_t size)
{
    return folded(sum(sum(sum(protocol + size, source, IP_SIZE), destination, IP_SIZE), payload, size));
}

bool internet_send(const uint8_t destination[IP_SIZE], uint8_t protocol, const uint8_t *payload, uint32_t size)
{
    static uint8_t packet[LARGEST_PACKET];
    const bool is_for_all = memcmp(destination, everybody, IP_SIZE) == 0;

    if (size > sizeof packet - IP_HEADER) {
        return false;
    }
    memset(packet, 0, IP_HEADER);
    packet[0] = 0x45;
    put16(packet + 2, IP_HEADER + size);
    put16(packet + 4, ++identification);
    put16(packet + 6, 0x4000); /* not in fragments */
    packet[8] = 64;
    packet[9] = protocol;
    memcpy(packet + 12, own, IP_SIZE);
    memcpy(packet + 16, destination, IP_SIZE);
    put16(packet + 10, folded(sum(0, packet, IP_HEADER)));
    memcpy(packet + IP_HEADER, payload, size);
    return station_send(is_for_all ? everybody_mac : router_mac, TYPE_IPV4, packet, IP_HEADER + size);
}

static void send_arp(uint32_t operation, const uint8_t *to, const uint8_t *target_mac, const uint8_t *target)
{
    static const uint8_t kinds[] = {0, 1, 8, 0, MAC_SIZE, IP_SIZE};
    uint8_t packet[ARP_SIZE] = {0};

    memcpy(packet, kinds, sizeof kinds);
    put16(packet + 6, operation);
    memcpy(packet + 8, factory_mac_address(), MAC_SIZE);
    memcpy(packet + 14, own, IP_SIZE);
    memcpy(packet + 18, target_mac, MAC_SIZE);
    memcpy(packet + 24, target, IP_SIZE);
    station_send(to, TYPE_ARP, packet, sizeof packet);
}

static void take_arp(const uint8_t *packet, uint32_t size)
{
    if (size < ARP_SIZE) {
        return;
    }
    if (memcmp(packet + 14, router, IP_SIZE) == 0) {
        memcpy(router_mac, packet + 8, MAC_SIZE);
    }
    if (get16(packet + 6) == 1 && memcmp(packet + 24, own, IP_SIZE) == 0) {
        send_arp(2, packet + 8, packet + 8, packet + 14);
    }
}

static void answer_ping(const struct packet *packet)
{
    static uint8_t reply[LARGEST_PACKET];

    if (packet->size < 8 || packet->payload[0] != 8 || packet->size > sizeof reply - IP_HEADER) {
        return;
    }
    memcpy(reply, packet->payload, packet->size);
    reply[0] = 0;
    put16(reply + 2, 0);
    put16(reply + 2, folded(sum(0, reply, packet->size)));
    internet_send(packet->source, PROTOCOL_ICMP, reply, packet->size);
}

static bool take_packet(const uint8_t *data, uint32_t size, struct packet *packet)
{
    const uint32_t header = size < IP_HEADER ? 0 : (data[0] & 0xFu) * 4u;

    if (header < IP_HEADER || data[0] >> 4 != 4 || get16(data + 2) > size || get16(data + 2) < header ||
        folded(sum(0, data, header)) != 0) {
        return false;
    }
    if (memcmp(data + 16, own, IP_SIZE) != 0 && memcmp(data + 16, everybody, IP_SIZE) != 0) {
        return false;
    }
    memcpy(packet->source, data + 12, IP_SIZE);
    packet->protocol = data[9];
    packet->payload = data + header;
    packet->size = get16(data + 2) - header;
    if (packet->protocol == PROTOCOL_ICMP) {
        answer_ping(packet);
        return false;
    }
    return true;
}

bool internet_receive(struct packet *packet, uint32_t timeout_ms)
{
    const uint32_t begun = kernel_ticks();
    struct ethernet_frame frame;

    for (uint32_t waited = 0; waited <= timeout_ms; waited = kernel_ticks() - begun) {
        if (!station_receive(&frame, timeout_ms - waited)) {
            return false;
        }
        if (frame.type == TYPE_ARP) {
            take_arp(frame.payload, frame.size);
        } else if (frame.type == TYPE_IPV4 && take_packet(frame.payload, frame.size, packet)) {
            return true;
        }
    }
    return false;
}

static bool send_datagram(const uint8_t *to, uint32_t from_port, uint32_t to_port, uint8_t *datagram, uint32_t size)
{
    put16(datagram, from_port);
    put16(datagram + 2, to_port);
    put16(datagram + 4, size);
    put16(datagram + 6, 0);
    put16(datagram + 6, internet_checksum(own, to, PROTOCOL_UDP, datagram, size));
    return internet_send(to, PROTOCOL_UDP, datagram, size);
}

/* Waits for a datagram to a port; its data, or none when the time is over. */
static const uint8_t *receive_datagram(uint32_t port, uint32_t *size)
{
    const uint32_t begun = kernel_ticks();
    struct packet packet;

    for (uint32_t waited = 0; waited < ANSWER_MS; waited = kernel_ticks() - begun) {
        if (internet_receive(&packet, ANSWER_MS - waited) && packet.protocol == PROTOCOL_UDP &&
            packet.size >= UDP_HEADER && get16(packet.payload + 2) == port) {
            *size = packet.size - UDP_HEADER;
            return packet.payload + UDP_HEADER;
        }
    }
    return 0;
}

static const uint8_t *dhcp_option(const uint8_t *message, uint32_t size, uint8_t number, uint32_t length)
{
    for (uint32_t at = DHCP_OPTIONS; at + 1 < size && message[at] != OPTION_END;) {
        if (message[at] == 0) {
            at++;
            continue;
        }
        if (at + 2 + message[at + 1] > size) {
            return 0;
        }
        if (message[at] == number && message[at + 1] >= length) {
            return message + at + 2;
        }
        at += 2u + message[at + 1];
    }
    return 0;
}

/* Sends a request of a kind, and gives the answer of another; none if it does not come. */
static const uint8_t *dhcp(uint8_t kind, uint8_t wanted_kind, const uint8_t *server, uint32_t *size)
{
    static const uint8_t magic[] = {0x63, 0x82, 0x53, 0x63};
    static uint8_t datagram[UDP_HEADER + DHCP_SIZE];
    uint8_t *message = datagram + UDP_HEADER, *options = message + DHCP_OPTIONS;
    static uint8_t offered[IP_SIZE], offering[IP_SIZE];
    const uint8_t *answer, *answer_kind;

    memset(datagram, 0, sizeof datagram);
    message[0] = 1;
    message[1] = 1;
    message[2] = MAC_SIZE;
    put32(message + 4, TRANSACTION);
    put16(message + 10, 0x8000); /* answer to everybody */
    memcpy(message + 28, factory_mac_address(), MAC_SIZE);
    memcpy(message + 236, magic, sizeof magic);
    *options++ = OPTION_TYPE;
    *options++ = 1;
    *options++ = kind;
    if (server) {
        *options++ = OPTION_WANTED;
        *options++ = IP_SIZE;
        memcpy(options, offered, IP_SIZE);
        options += IP_SIZE;
        *options++ = OPTION_SERVER;
        *options++ = IP_SIZE;
        memcpy(options, offering, IP_SIZE);
        options += IP_SIZE;
    }
    *options = OPTION_END;
    send_datagram(everybody, DHCP_CLIENT, DHCP_SERVER, datagram, sizeof datagram);
    while ((answer = receive_datagram(DHCP_CLIENT, size))) {
        if (*size < DHCP_OPTIONS || get32(answer + 4) != TRANSACTION) {
            continue;
        }
        answer_kind = dhcp_option(answer, *size, OPTION_TYPE, 1);
        if (answer_kind && *answer_kind == wanted_kind) {
            const uint8_t *from = dhcp_option(answer, *size, OPTION_SERVER, IP_SIZE);

            memcpy(offered, answer + 16, IP_SIZE);
            if (from) {
                memcpy(offering, from, IP_SIZE);
            }
            return answer;
        }
    }
    return 0;
}

static bool find_router(void)
{
    static const uint8_t nobody[MAC_SIZE];
    struct packet packet;

    memset(router_mac, 0, MAC_SIZE);
    for (uint32_t i = 0; i < TRIES && memcmp(router_mac, nobody, MAC_SIZE) == 0; i++) {
        send_arp(1, everybody_mac, nobody, router);
        internet_receive(&packet, 50);
    }
    return memcmp(router_mac, nobody, MAC_SIZE) != 0;
}

bool internet_start(void)
{
    uint32_t size;

    memset(own, 0, IP_SIZE);
    for (uint32_t i = 0; i < TRIES; i++) {
        const uint8_t *answer = dhcp(DISCOVER, OFFER, 0, &size);

        if (answer && (answer = dhcp(REQUEST, ACKNOWLEDGE, answer, &size))) {
            const uint8_t *gateway = dhcp_option(answer, size, OPTION_ROUTER, IP_SIZE);
            const uint8_t *names = dhcp_option(answer, size, OPTION_DNS, IP_SIZE);

            if (gateway && names) {
                memcpy(own, answer + 16, IP_SIZE);
                memcpy(router, gateway, IP_SIZE);
                memcpy(name_server, names, IP_SIZE);
                return find_router();
            }
        }
    }
    return false;
}

/* Writes a name in labels; where it ends. */
static uint8_t *put_name(uint8_t *at, const char *name)
{
    while (*name) {
        uint8_t *length = at++;

        while (*name && *name != '.') {
            *at++ = (uint8_t)*name++;
        }
        *length = (uint8_t)(at - length - 1);
        if (*name == '.') {
            name++;
        }
    }
    *at++ = 0;
    return at;
}

/* The first address in a response to our question, which ends at `at`. */
static bool take_answer(const uint8_t *message, uint32_t size, uint32_t at, uint8_t address[IP_SIZE])
{
    for (uint32_t left = get16(message + 6); left && at + 12 <= size; left--) {
        if (message[at] < 0xC0) { /* names of answers point to the question */
            return false;
        }
        const uint32_t length = get16(message + at + 10);

        if (get16(message + at + 2) == 1 && length == IP_SIZE && at + 12 + IP_SIZE <= size) {
            memcpy(address, message + at + 12, IP_SIZE);
            return true;
        }
        at += 12 + length;
    }
    return false;
}

bool internet_resolve(const char *name, uint8_t address[IP_SIZE])
{
    static uint8_t datagram[LARGEST_PACKET - IP_HEADER];
    uint8_t *message = datagram + UDP_HEADER, *end;
    uint32_t size;

    if (strlen(name) > 250) {
        return false;
    }
    for (uint32_t i = 0; i < TRIES; i++) {
        const uint8_t *answer;

        memset(message, 0, DNS_HEADER);
        put16(message, i + 1);
        put16(message + 2, 0x0100); /* recursion desired */
        put16(message + 4, 1);
        end = put_name(message + DNS_HEADER, name);
        put16(end, 1);
        put16(end + 2, 1);
        end += 4;
        send_datagram(name_server, DNS_CLIENT, DNS_PORT, datagram, (uint32_t)(end - datagram));
        answer = receive_datagram(DNS_CLIENT, &size);
        if (answer && size >= DNS_HEADER && get16(answer) == i + 1) {
            return (answer[3] & 0xF) == 0 && take_answer(answer, size, (uint32_t)(end - message), address);
        }
    }
    return false;
}
