/* One TCP connection to a server. */
#ifndef WIFI_TCP_H
#define WIFI_TCP_H

#include <stdbool.h>
#include <stdint.h>

#include "wifi/internet.h"

/* False if nobody answers, or it is refused. */
bool tcp_connect(const uint8_t address[IP_SIZE], uint16_t port);

/* Sends at most 1024 bytes, and waits until they have arrived. */
bool tcp_write(const uint8_t *data, uint32_t size);

/* Waits for data and gives up to `size` bytes of them; 0 at the end, -1 if the connection is broken. */
int tcp_read(uint8_t *data, uint32_t size);

void tcp_close(void);

#endif
