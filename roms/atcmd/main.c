/* The second firmware of the story: settings in flash, and AT commands on both UARTs. */
#include "atcmd/at_interpreter.h"
#include "atcmd/settings.h"
#include "runtime/log.h"
#include "start/system.h"
#include "storage/nvs.h"

#define TAG "atcmd"

void app_main(void)
{
    const bool has_nvs = nvs_start();

    log_version();
    if (!has_nvs || !settings_start()) {
        log_error(TAG, "settings are not kept: no usable nvs partition");
    }
    at_start();
    log_info(TAG, "atcmd init finished.");
}
