/* The WLAN: sends and receives 802.11 frames. For one task. */
#ifndef WIFI_WLAN_H
#define WIFI_WLAN_H

#include <stdbool.h>
#include <stdint.h>

#define MAC_SIZE        6u
#define WLAN_HEADER     24u
#define WLAN_MOST_BYTES 1600u

struct received_frame {
    const uint8_t *data; /* from the header on; valid until the next call of wlan_receive() */
    uint32_t size;
    int signal_dbm;
};

/* Rings, interrupt and radio, with the factory's address. */
void wlan_start(void);

void wlan_set_channel(uint32_t channel);

/* Hear the beacons of all networks, or only those of one. */
void wlan_hear_all(bool all);
void wlan_set_bssid(const uint8_t bssid[MAC_SIZE]);

/* Queues a frame of a header of 24 bytes and a body; false when there has been no room for a second. */
bool wlan_send(const uint8_t header[WLAN_HEADER], const uint8_t *body, uint32_t size);

/* Waits for a frame; false when the time is over. */
bool wlan_receive(struct received_frame *frame, uint32_t timeout_ms);

#endif
