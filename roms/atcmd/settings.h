/* What the user sets, kept in flash under the SDK's group and key names. */
#ifndef ATCMD_SETTINGS_H
#define ATCMD_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "storage/factory_parameters.h"

#define SSID_SIZE 32u

struct wifi_settings {
    uint8_t mode; /* 0 station, 2 access point */
    char ssid[SSID_SIZE + 1];
};

struct tcpip_settings {
    uint32_t use_dhcp;
    uint8_t address[4];
    uint8_t netmask[4];
    uint8_t gateway[4];
};

extern struct wifi_settings wifi_settings;
extern struct tcpip_settings tcpip_settings;

/* Reads the settings; those not in flash yet get their defaults and are stored. False if flash fails. */
bool settings_start(void);
bool settings_store_wifi(void);
bool settings_store_tcpip(void);

const uint8_t *settings_mac_address(void);

#endif
