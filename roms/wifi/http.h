/* HTTP downloads (RFC 9112), one at a time. */
#ifndef WIFI_HTTP_H
#define WIFI_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "wifi/internet.h"

/* Asks a server for a path; the status it answers with, 0 if there is no connection. Its Content-Length is `size`. */
uint32_t http_get(const uint8_t address[IP_SIZE], const char *host, const char *path, uint32_t *size);

/* Exactly so many bytes of the body; false if they do not come. */
bool http_read(uint8_t *data, uint32_t size);

void http_close(void);

#endif
