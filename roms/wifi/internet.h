/* One device on an IPv4 network: an address by DHCP, names by DNS, packets. For one task. */
#ifndef WIFI_INTERNET_H
#define WIFI_INTERNET_H

#include <stdbool.h>
#include <stdint.h>

#define IP_SIZE 4u

enum { PROTOCOL_ICMP = 1, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };

struct packet {
    uint8_t source[IP_SIZE];
    uint8_t protocol;
    const uint8_t *payload; /* valid until the next call of internet_receive() */
    uint32_t size;
};

/* Asks for an address; false if nobody gives one. */
bool internet_start(void);

const uint8_t *internet_address(void);

/* The address of a name; false if nobody knows it. */
bool internet_resolve(const char *name, uint8_t address[IP_SIZE]);

bool internet_send(const uint8_t destination[IP_SIZE], uint8_t protocol, const uint8_t *payload, uint32_t size);

/* Waits for a packet of TCP or UDP; answers ARP and pings meanwhile. False when the time is over. */
bool internet_receive(struct packet *packet, uint32_t timeout_ms);

/* The check sum over the addresses and a payload, with 0 in its place, or 0 with it. */
uint16_t internet_checksum(const uint8_t source[IP_SIZE], const uint8_t destination[IP_SIZE], uint8_t protocol,
                           const uint8_t *payload, uint32_t size);

/* Numbers in network order, at any address. */
static inline uint32_t get16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

static inline uint32_t get32(const uint8_t *at)
{
    return get16(at) << 16 | get16(at + 2);
}

static inline void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value);
}

#endif
