/* A station of open networks: scan, join, and Ethernet frames from then on. */
#ifndef WIFI_STATION_H
#define WIFI_STATION_H

#include <stdbool.h>
#include <stdint.h>

#include "wifi/wlan.h"

#define SSID_SIZE     32u
#define MOST_NETWORKS 16u

struct network {
    char ssid[SSID_SIZE + 1]; /* empty: hidden */
    uint8_t bssid[MAC_SIZE];
    uint8_t channel;
    bool is_open;
    int signal_dbm;
};

struct ethernet_frame {
    uint8_t source[MAC_SIZE];
    uint16_t type;
    const uint8_t *payload; /* valid until the next call of station_receive() */
    uint32_t size;
};

/* Listens and asks on all channels; how many networks there are. */
uint32_t station_scan(struct network networks[MOST_NETWORKS]);

/* Authenticates and associates; false if the access point does not let us in. */
bool station_join(const struct network *network);

bool station_send(const uint8_t destination[MAC_SIZE], uint16_t type, const uint8_t *payload, uint32_t size);

/* Waits for data; false when the time is over, or the access point has thrown us out. */
bool station_receive(struct ethernet_frame *frame, uint32_t timeout_ms);

#endif
