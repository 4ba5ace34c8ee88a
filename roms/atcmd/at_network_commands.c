/* Commands about the network: there is no radio, but the settings are kept. */
#include "atcmd/at_command.h"
#include "atcmd/settings.h"
#include "runtime/format.h"
#include "runtime/string.h"

#define MODE_ACCESS_POINT 2u
#define MODE_AD_HOC       1u /* the W800 has none */

static enum at_result wireless_mode(struct at_call *call)
{
    uint32_t mode;

    if (call->parameter_count == 0) {
        format_text(call->reply, AT_REPLY_SIZE, "%u", wifi_settings.mode);
        return AT_OK;
    }
    if (call->parameter_count != 1 || !at_number(call->parameters[0], 0, MODE_ACCESS_POINT, &mode) ||
        mode == MODE_AD_HOC) {
        return AT_BAD_PARAMETER;
    }
    wifi_settings.mode = (uint8_t)mode;
    return settings_store_wifi() ? AT_OK : AT_FLASH_ERROR;
}

static enum at_result network_name(struct at_call *call)
{
    if (call->parameter_count == 0) {
        format_text(call->reply, AT_REPLY_SIZE, "\"%s\"", wifi_settings.ssid);
        return AT_OK;
    }
    if (call->parameter_count != 1 || strlen(call->parameters[0]) > SSID_SIZE) {
        return AT_BAD_PARAMETER;
    }
    memset(wifi_settings.ssid, 0, sizeof wifi_settings.ssid);
    memcpy(wifi_settings.ssid, call->parameters[0], strlen(call->parameters[0]));
    return settings_store_wifi() ? AT_OK : AT_FLASH_ERROR;
}

/* Four numbers with dots between them. */
static bool parse_address(char *text, uint8_t address[4])
{
    for (uint32_t i = 0; i < 4; i++) {
        char *end = text;
        uint32_t number;

        while (*end && *end != '.') {
            end++;
        }
        if ((*end == '.') != (i < 3)) {
            return false;
        }
        *end = '\0';
        if (!at_number(text, 0, 255, &number)) {
            return false;
        }
        address[i] = (uint8_t)number;
        text = end + 1;
    }
    return true;
}

static enum at_result ip_address(struct at_call *call)
{
    struct tcpip_settings changed = tcpip_settings;
    const uint8_t *ip = tcpip_settings.address, *mask = tcpip_settings.netmask, *gateway = tcpip_settings.gateway;
    uint32_t is_fixed;

    if (call->parameter_count == 0) {
        format_text(call->reply, AT_REPLY_SIZE, "%u,\"%u.%u.%u.%u\",\"%u.%u.%u.%u\",\"%u.%u.%u.%u\"",
                    !tcpip_settings.use_dhcp, ip[0], ip[1], ip[2], ip[3], mask[0], mask[1], mask[2], mask[3],
                    gateway[0], gateway[1], gateway[2], gateway[3]);
        return AT_OK;
    }
    if (!at_number(call->parameters[0], 0, 1, &is_fixed) || call->parameter_count != (is_fixed ? 4 : 1)) {
        return AT_BAD_PARAMETER;
    }
    changed.use_dhcp = !is_fixed;
    if (is_fixed && !(parse_address(call->parameters[1], changed.address) &&
                      parse_address(call->parameters[2], changed.netmask) &&
                      parse_address(call->parameters[3], changed.gateway))) {
        return AT_BAD_PARAMETER;
    }
    tcpip_settings = changed;
    return settings_store_tcpip() ? AT_OK : AT_FLASH_ERROR;
}

const struct at_command at_network_commands[] = {
    {"WPRT", wireless_mode, "=0|2", "station or access point"},
    {"SSID", network_name, "=name", "the network"},
    {"NIP", ip_address, "=0|1[,address,netmask,gateway]", "DHCP, or a fixed address"},
    {0},
};
