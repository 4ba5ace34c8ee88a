/* Commands about the chip and the firmware. */
#include "atcmd/at_command.h"
#include "atcmd/at_interpreter.h"
#include "atcmd/settings.h"
#include "atcmd/update_again.h"
#include "drivers/random.h"
#include "drivers/scan.h"
#include "drivers/sleep.h"
#include "runtime/format.h"
#include "runtime/string.h"
#include "start/reboot.h"
#include "start/version.h"
#include "storage/nvs.h"

enum sleep_mode { SLEEP = 1, STANDBY = 2 };

static uint32_t sleep_seconds;

static enum at_result no_operation(struct at_call *call)
{
    return call->parameter_count == 0 ? AT_OK : AT_BAD_PARAMETER;
}

static enum at_result set_echo(struct at_call *call)
{
    uint32_t value = !at_echo;

    if (call->parameter_count > 1 || (call->parameter_count == 1 && !at_number(call->parameters[0], 0, 1, &value))) {
        return AT_BAD_PARAMETER;
    }
    at_echo = value;
    return AT_OK;
}

static enum at_result query_version(struct at_call *call)
{
    format_text(call->reply, AT_REPLY_SIZE, "%s,%s,%u", FIRMWARE_VERSION, BUILD_STAMP, update_number());
    return no_operation(call);
}

static enum at_result query_mac_address(struct at_call *call)
{
    const uint8_t *mac = settings_mac_address();

    format_text(call->reply, AT_REPLY_SIZE, "%02x%02x%02x%02x%02x%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    return no_operation(call);
}

static void reset_chip(void)
{
    reboot(REBOOT_USER);
}

static enum at_result reset(struct at_call *call)
{
    call->afterwards = reset_chip;
    return no_operation(call);
}

static enum at_result restore_factory_settings(struct at_call *call)
{
    if (call->parameter_count > 0) {
        return AT_BAD_PARAMETER;
    }
    return nvs_erase_all() ? AT_OK : AT_FLASH_ERROR;
}

static void enter_sleep(void)
{
    sleep_for(sleep_seconds);
}

static void enter_standby(void)
{
    standby_for(sleep_seconds);
}

static enum at_result save_power(struct at_call *call)
{
    uint32_t mode;

    if (call->parameter_count != 2 || !at_number(call->parameters[0], SLEEP, STANDBY, &mode) ||
        !at_number(call->parameters[1], 1, LONGEST_SLEEP_S, &sleep_seconds)) {
        return AT_BAD_PARAMETER;
    }
    call->afterwards = mode == SLEEP ? enter_sleep : enter_standby;
    return AT_OK;
}

static enum at_result query_boot_reason(struct at_call *call)
{
    format_text(call->reply, AT_REPLY_SIZE, "%u", reboot_reason());
    return no_operation(call);
}

static enum at_result query_random_number(struct at_call *call)
{
    format_text(call->reply, AT_REPLY_SIZE, "%08x", random_number());
    return no_operation(call);
}

static enum at_result scan(struct at_call *call)
{
    uint32_t slots;

    if (call->parameter_count != 1 || !at_number(call->parameters[0], 1, LONGEST_SCAN_SLOTS, &slots)) {
        return AT_BAD_PARAMETER;
    }
    format_text(call->reply, AT_REPLY_SIZE, "%u", scan_for(slots));
    return AT_OK;
}

static enum at_result update_with_own_copy(struct at_call *call)
{
    call->afterwards = update_again;
    return no_operation(call);
}

/* Volatile, or the compiler would know better than to divide. */
static void divide_by_zero(void)
{
    volatile uint32_t dividend = 1;
    volatile uint32_t divisor = 0;

    dividend = dividend / divisor;
}

static enum at_result crash(struct at_call *call)
{
    call->afterwards = divide_by_zero;
    return no_operation(call);
}

static void append_help(char *text, const struct at_command *commands)
{
    for (const struct at_command *command = commands; command->name; command++) {
        const uint32_t length = strlen(text);
        format_text(text + length, AT_REPLY_SIZE - length, "\r\nAT+%s%s: %s", command->name, command->operands,
                    command->help);
    }
}

static enum at_result help(struct at_call *call)
{
    append_help(call->reply, at_commands);
    append_help(call->reply, at_network_commands);
    return no_operation(call);
}

const struct at_command at_commands[] = {
    {"", no_operation, "", "nothing, with success"},
    {"E", set_echo, "=0|1", "echo off or on"},
    {"Z", reset, "", "reset"},
    {"&F", restore_factory_settings, "", "forget all settings, from the next reset on"},
    {"ENTS", save_power, "=1|2,seconds", "sleep, or standby, which ends with a reset"},
    {"QVER", query_version, "", "version, build, number of the update"},
    {"QMAC", query_mac_address, "", "MAC address"},
    /* Not on a real W800: */
    {"QBOOT", query_boot_reason, "", "why the chip was reset last"},
    {"QRAND", query_random_number, "", "random number"},
    {"BLESCAN", scan, "=slots", "listen for Bluetooth LE; how many slots it took"},
    {"OTA", update_with_own_copy, "", "update with a copy of this firmware, then reset"},
    {"CRASH", crash, "", "divide by zero"},
    {"HELP", help, "", "this list"},
    {0},
};
