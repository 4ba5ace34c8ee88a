/* Keys: wm_key_config.h of wm_iot_sdk. What is in the values is our own. */
#include "atcmd/settings.h"

#include "runtime/log.h"
#include "runtime/string.h"
#include "storage/nvs.h"

#define TAG           "atcmd"
#define GROUP_WIFI    "wifi"
#define GROUP_NETWORK "network"
#define KEY_MAC       "wm_sta_mac"
#define KEY_WIFI      "wm_cfg_at_wifi"
#define KEY_TCPIP     "wm_cfg_at_tcpip"

static const struct wifi_settings wifi_defaults = {.mode = 0, .ssid = ""};
static const struct tcpip_settings tcpip_defaults = {
    .use_dhcp = 1,
    .address = {192, 168, 1, 1},
    .netmask = {255, 255, 255, 0},
    .gateway = {192, 168, 1, 1},
};

struct wifi_settings wifi_settings;
struct tcpip_settings tcpip_settings;
static uint8_t mac_address[MAC_ADDRESS_SIZE];

static bool load(const char *group, const char *key, void *value, uint32_t size)
{
    return nvs_get(group, key, value, size) == size;
}

static bool store(const char *group, const char *key, const void *value, uint32_t size)
{
    return nvs_set(group, key, NVS_BINARY, value, size);
}

bool settings_store_wifi(void)
{
    return store(GROUP_WIFI, KEY_WIFI, &wifi_settings, sizeof wifi_settings);
}

bool settings_store_tcpip(void)
{
    return store(GROUP_NETWORK, KEY_TCPIP, &tcpip_settings, sizeof tcpip_settings);
}

static bool start_wifi(void)
{
    if (load(GROUP_WIFI, KEY_WIFI, &wifi_settings, sizeof wifi_settings)) {
        return true;
    }
    wifi_settings = wifi_defaults;
    log_info(TAG, "set default wifi config");
    return settings_store_wifi();
}

static bool start_tcpip(void)
{
    if (load(GROUP_NETWORK, KEY_TCPIP, &tcpip_settings, sizeof tcpip_settings)) {
        return true;
    }
    tcpip_settings = tcpip_defaults;
    log_info(TAG, "set default tcpip config");
    return settings_store_tcpip();
}

static bool start_mac_address(void)
{
    if (load(GROUP_WIFI, KEY_MAC, mac_address, sizeof mac_address)) {
        return true;
    }
    memcpy(mac_address, factory_mac_address(), sizeof mac_address);
    return store(GROUP_WIFI, KEY_MAC, mac_address, sizeof mac_address);
}

bool settings_start(void)
{
    return start_mac_address() && start_wifi() && start_tcpip();
}

const uint8_t *settings_mac_address(void)
{
    return mac_address;
}
