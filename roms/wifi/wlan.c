/* Register use follows libwlan and the accesses of the SDK's atcmd: see docs/radio.md. */
#include "wifi/wlan.h"

#include "kernel/interrupts.h"
#include "kernel/kernel.h"
#include "runtime/string.h"
#include "storage/factory_parameters.h"
#include "wifi/wlan_registers.h"

#define SEND_COUNT      4u
#define RECEIVE_COUNT   8u
#define SEND_TIMEOUT_MS 1000u
#define RATE_6_MBITS    12u
#define RATE_1_MBIT     2u
#define TRIES           0x4444u
#define RSSI_OFFSET_DBM 110

struct send_ring {
    struct wlan_send_descriptor descriptors[SEND_COUNT];
    struct wlan_frame frames[SEND_COUNT];
    uint8_t bodies[SEND_COUNT][WLAN_MOST_BYTES];
    uint32_t next;
};

static struct send_ring data_ring, management_ring;
static struct wlan_receive_descriptor receive_ring[RECEIVE_COUNT];
static uint8_t buffers[RECEIVE_COUNT][WLAN_BUFFER_BYTES] __attribute__((aligned(4)));
static uint32_t reports[WLAN_REPORT_COUNT][WLAN_REPORT_WORDS];
static uint32_t receive_next;
static bool holds_buffer; /* the last frame has not been given back yet */
static struct semaphore received;

RAM_CODE static void on_interrupt(void *unused)
{
    const uint32_t status = WLAN_SECURITY->interrupt_status;

    (void)unused;
    WLAN_SECURITY->interrupt_status = status;
    if (status & WLAN_INTERRUPT_RECEIVED) {
        semaphore_give(&received);
    }
}

static void write_radio(uint32_t number, uint32_t contents)
{
    RF_SPI->command = RF_SPI_WRITE(number, contents);
    RF_SPI->start = 1;
    while (RF_SPI->clock & RF_SPI_BUSY) {
    }
}

/* The synthesizer's divider: MHz / 3.75, as 10 bits and 16 bits behind the point. */
void wlan_set_channel(uint32_t channel)
{
    const uint32_t fifteenths = 4 * (2407 + 5 * channel);
    const uint32_t whole = fifteenths / 15;

    write_radio(1, whole >> 4 << 10 | (whole & 0xF));
    write_radio(2, (fifteenths % 15 << 16) / 15);
}

static void set_address(volatile uint32_t words[2], const uint8_t address[MAC_SIZE])
{
    words[0] = (uint32_t)address[0] | (uint32_t)address[1] << 8 | (uint32_t)address[2] << 16 | (uint32_t)address[3] << 24;
    words[1] = (uint32_t)address[4] | (uint32_t)address[5] << 8;
}

void wlan_set_bssid(const uint8_t bssid[MAC_SIZE])
{
    set_address(WLAN_MAC->beacon_bssid, bssid);
}

void wlan_hear_all(bool all)
{
    WLAN_MAC->control = WLAN_CONTROL_TRANSMITTER | (all ? WLAN_CONTROL_ALL_BEACONS : 0);
}

static void make_send_ring(struct send_ring *ring)
{
    for (uint32_t i = 0; i < SEND_COUNT; i++) {
        ring->descriptors[i].frame = &ring->frames[i];
        ring->descriptors[i].body = ring->bodies[i];
        ring->descriptors[i].next = &ring->descriptors[(i + 1) % SEND_COUNT];
    }
}

static void give_buffer(uint32_t number)
{
    receive_ring[number].buffer = (uint32_t)buffers[number];
    receive_ring[number].owner = WLAN_OWNED;
}

void wlan_start(void)
{
    make_send_ring(&data_ring);
    make_send_ring(&management_ring);
    for (uint32_t i = 0; i < RECEIVE_COUNT; i++) {
        receive_ring[i].next = &receive_ring[(i + 1) % RECEIVE_COUNT];
        give_buffer(i);
    }
    set_address(WLAN_MAC->station_address, factory_mac_address());
    WLAN_MAC->report_address = (uint32_t)reports;
    WLAN_MAC->free_reports = UINT32_MAX;
    WLAN_MAC->interrupt_mask = UINT32_MAX; /* nobody looks at the reports */
    WLAN_SECURITY->data_queue = (uint32_t)data_ring.descriptors;
    WLAN_SECURITY->management_queue = (uint32_t)management_ring.descriptors;
    WLAN_SECURITY->receive_queue = (uint32_t)receive_ring;
    interrupt_attach(INTERRUPT_WLAN_SECURITY, on_interrupt, 0);
    WLAN_SECURITY->interrupt_mask = WLAN_INTERRUPTS & ~WLAN_INTERRUPT_RECEIVED;
    WLAN_SECURITY->data_enable = 1;
    WLAN_SECURITY->management_enable = 1;
    WLAN_SECURITY->receive_enable = 1;
    WLAN_MAC->radio_control = WLAN_RADIO_RUNNING;
    WLAN_MAC->receive_command = WLAN_RECEIVE_ENABLE;
    wlan_hear_all(false);
    WLAN_SECURITY->receive = 1;
}

static bool wait_until_free(const struct wlan_send_descriptor *descriptor)
{
    for (uint32_t waited = 0; descriptor->owner & WLAN_OWNED; waited++) {
        if (waited == SEND_TIMEOUT_MS) {
            return false;
        }
        task_sleep_ms(1);
    }
    return true;
}

bool wlan_send(const uint8_t header[WLAN_HEADER], const uint8_t *body, uint32_t size)
{
    const bool is_data = (header[0] & 0x0C) == 0x08;
    struct send_ring *ring = is_data ? &data_ring : &management_ring;
    struct wlan_send_descriptor *descriptor = &ring->descriptors[ring->next];
    struct wlan_frame *frame = &ring->frames[ring->next];
    const uint32_t length = WLAN_HEADER + size;

    if (size > WLAN_MOST_BYTES || !wait_until_free(descriptor)) {
        return false;
    }
    memset(frame, 0, sizeof *frame);
    frame->traffic = (is_data ? 0 : WLAN_MANAGEMENT_TRAFFIC) << 12;
    frame->air_bytes = length + 4;
    frame->lengths = length | WLAN_HEADER << 16 | (header[4] & 1 ? WLAN_NO_ACKNOWLEDGEMENT : 0);
    frame->tries = TRIES;
    frame->rates = (is_data ? RATE_6_MBITS : RATE_1_MBIT) * 0x01010101u;
    memcpy(frame->header, header, WLAN_HEADER);
    memcpy(ring->bodies[ring->next], body, size);
    descriptor->lengths = size | WLAN_HEADER << 12;
    descriptor->protection = 0;
    descriptor->owner = WLAN_OWNED;
    ring->next = (ring->next + 1) % SEND_COUNT;
    if (is_data) {
        WLAN_SECURITY->send_data = 1;
    } else {
        WLAN_SECURITY->send_management = 1;
    }
    return true;
}

static void release(void)
{
    if (holds_buffer) {
        give_buffer(receive_next);
        receive_next = (receive_next + 1) % RECEIVE_COUNT;
        holds_buffer = false;
        WLAN_SECURITY->receive = 1;
    }
}

bool wlan_receive(struct received_frame *frame, uint32_t timeout_ms)
{
    const uint32_t begun = kernel_ticks();

    release();
    for (;;) {
        const uint32_t waited = kernel_ticks() - begun;

        if (!(receive_ring[receive_next].owner & WLAN_OWNED)) {
            break;
        }
        if (waited >= timeout_ms || !semaphore_take(&received, timeout_ms - waited)) {
            return false;
        }
    }
    const uint8_t *buffer = buffers[receive_next];
    uint32_t status[2];

    memcpy(status, buffer, sizeof status);
    holds_buffer = true;
    frame->data = buffer + WLAN_STATUS_BYTES;
    frame->size = status[1] & 0xFFF;
    frame->signal_dbm = (int)(status[0] >> 25) - RSSI_OFFSET_DBM;
    return true;
}
