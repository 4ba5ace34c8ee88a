/* Updates itself over the air: looks which networks there are, joins an open one, and loads a new firmware by HTTP. */
#include "kernel/kernel.h"
#include "ota/wm_ota_ops.h"
#include "runtime/log.h"
#include "runtime/string.h"
#include "start/system.h"
#include "wifi/http.h"
#include "wifi/internet.h"
#include "wifi/station.h"

#define TAG             "ota_http"
#define PRIORITY        2
#define STACK_WORDS     2048
#define SERVER          "update.test"
#define PATH            "/atcmd_ota.img"
#define BLOCK           1024u
#define PERCENT         100u
#define ATTEMPTS        5u
#define WAIT_MS         2000u

static struct task update_task;
static uint32_t update_stack[STACK_WORDS];
static struct network networks[MOST_NETWORKS];
static uint8_t block[BLOCK];

/* The strongest open network; none if there is none. */
static const struct network *choose(void)
{
    const uint32_t count = station_scan(networks);
    const struct network *chosen = 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct network *one = &networks[i];

        log_info(TAG, "%s, channel %u, %d dBm%s", *one->ssid ? one->ssid : "(hidden)", one->channel, one->signal_dbm,
                 one->is_open ? "" : ", locked");
        if (one->is_open && *one->ssid && (!chosen || one->signal_dbm > chosen->signal_dbm)) {
            chosen = one;
        }
    }
    return chosen;
}

static bool connect(void)
{
    const struct network *network = choose();

    if (!network) {
        log_error(TAG, "no open network");
        return false;
    }
    if (!station_join(network)) {
        log_error(TAG, "%s does not let us in", network->ssid);
        return false;
    }
    if (!internet_start()) {
        log_error(TAG, "no address in %s", network->ssid);
        return false;
    }
    const uint8_t *own = internet_address();

    log_info(TAG, "joined %s as %u.%u.%u.%u", network->ssid, own[0], own[1], own[2], own[3]);
    return true;
}

static bool write_image(wm_ota_ops_ctx_t *context, uint32_t image_size)
{
    uint32_t dots = 0;

    for (uint32_t written = 0, size; written < image_size; written += size) {
        size = image_size - written < BLOCK ? image_size - written : BLOCK;
        if (!http_read(block, size)) {
            log_text("\r\n");
            log_error(TAG, "the connection broke at %u of %u bytes", written, image_size);
            return false;
        }
        const int result = wm_ota_ops_write(context, block, size);

        if (result != WM_ERR_SUCCESS) {
            log_text("\r\n");
            log_error(TAG, "OTA write failed: %d", result);
            return false;
        }
        for (; dots < (written + size) * PERCENT / image_size; dots++) {
            log_text(".");
        }
    }
    log_text("\r\n");
    return true;
}

static bool install(uint32_t image_size)
{
    static wm_ota_ops_ctx_t context;
    int result = wm_ota_ops_get_ota_partition(&context);

    if (result == WM_ERR_SUCCESS) {
        result = wm_ota_ops_begin(&context, image_size);
    }
    if (result != WM_ERR_SUCCESS) {
        log_error(TAG, "OTA begin failed: %d", result);
        return false;
    }
    if (!write_image(&context, image_size)) {
        wm_ota_ops_abort(&context);
        return false;
    }
    result = wm_ota_ops_end(&context);
    if (result != WM_ERR_SUCCESS) {
        log_error(TAG, "OTA end failed: %d", result);
    }
    return result == WM_ERR_SUCCESS;
}

static bool update(void)
{
    uint8_t address[IP_SIZE];
    uint32_t size, status;

    if (!connect()) {
        return false;
    }
    if (!internet_resolve(SERVER, address)) {
        log_error(TAG, "nobody knows %s", SERVER);
        return false;
    }
    log_info(TAG, "loading http://%s%s from %u.%u.%u.%u", SERVER, PATH, address[0], address[1], address[2], address[3]);
    status = http_get(address, SERVER, PATH, &size);
    if (status != 200 || size == 0) {
        log_error(TAG, "the server answers %u with %u bytes", status, size);
        http_close();
        return false;
    }
    const bool is_done = install(size);

    http_close();
    return is_done;
}

static void run(void *unused)
{
    (void)unused;
    wlan_start();
    for (uint32_t attempt = 1; attempt <= ATTEMPTS; attempt++) {
        if (update()) {
            log_info(TAG, "This example succeeds in running.");
            wm_ota_ops_reboot();
        }
        log_info(TAG, "attempt %u of %u failed", attempt, ATTEMPTS);
        task_sleep_ms(WAIT_MS);
    }
    log_error(TAG, "giving up");
}

void app_main(void)
{
    log_version();
    task_create(&update_task, "update", PRIORITY, run, 0, update_stack, STACK_WORDS);
}
