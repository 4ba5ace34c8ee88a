/* IEEE 802.11-2020: frames in clause 9, joining in 11.3. */
#include "wifi/station.h"

#include "kernel/kernel.h"
#include "runtime/string.h"
#include "storage/factory_parameters.h"

#define CHANNELS         13u
#define DWELL_MS         30u
#define ANSWER_MS        100u
#define TRIES            3u
#define LISTEN_INTERVAL  10u
#define FIXED_OF_BEACONS 12u
#define LLC_SIZE         8u

enum { ASSOCIATE = 0x00, ASSOCIATED = 0x10, PROBE = 0x40, PROBED = 0x50, BEACON = 0x80, DISASSOCIATE = 0xA0,
       AUTHENTICATE = 0xB0, DEAUTHENTICATE = 0xC0, DATA = 0x08, QOS_DATA = 0x88 };
enum { ELEMENT_SSID = 0, ELEMENT_RATES = 1, ELEMENT_CHANNEL = 3 };

#define TO_ACCESS_POINT   0x01u
#define FROM_ACCESS_POINT 0x02u
#define PRIVACY           0x0010u
#define ESS               0x0001u

static const uint8_t everybody[MAC_SIZE] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
static const uint8_t rates[] = {ELEMENT_RATES, 8, 0x82, 0x84, 0x8B, 0x96, 0x0C, 0x12, 0x18, 0x24};
static const uint8_t llc[] = {0xAA, 0xAA, 0x03, 0, 0, 0};
static uint8_t access_point[MAC_SIZE];
static uint16_t sequence;
static bool is_joined;

static bool send(uint8_t kind, uint8_t flags, const uint8_t *receiver, const uint8_t *third, const uint8_t *body,
                 uint32_t size)
{
    uint8_t header[WLAN_HEADER] = {kind, flags};

    memcpy(header + 4, receiver, MAC_SIZE);
    memcpy(header + 10, factory_mac_address(), MAC_SIZE);
    memcpy(header + 16, third, MAC_SIZE);
    header[22] = (uint8_t)(sequence << 4);
    header[23] = (uint8_t)(sequence >> 4);
    sequence++;
    return wlan_send(header, body, size);
}

/* The contents of an element, and its size; none if it is not there. */
static const uint8_t *element(const uint8_t *elements, uint32_t size, uint8_t number, uint32_t *length)
{
    for (uint32_t at = 0; at + 2 <= size && at + 2 + elements[at + 1] <= size; at += 2u + elements[at + 1]) {
        if (elements[at] == number) {
            *length = elements[at + 1];
            return elements + at + 2;
        }
    }
    return 0;
}

static void note(struct network networks[MOST_NETWORKS], uint32_t *count, const struct received_frame *frame)
{
    const uint8_t *body = frame->data + WLAN_HEADER, *bssid = frame->data + 16, *ssid, *channel;
    const uint32_t size = frame->size - WLAN_HEADER - FIXED_OF_BEACONS;
    uint32_t ssid_size = 0, channel_size = 0, i = 0;

    ssid = element(body + FIXED_OF_BEACONS, size, ELEMENT_SSID, &ssid_size);
    channel = element(body + FIXED_OF_BEACONS, size, ELEMENT_CHANNEL, &channel_size);
    if (!ssid || !channel || channel_size != 1 || ssid_size > SSID_SIZE) {
        return;
    }
    while (i < *count && memcmp(networks[i].bssid, bssid, MAC_SIZE) != 0) {
        i++;
    }
    if (i == MOST_NETWORKS) {
        return;
    }
    if (i == *count) {
        (*count)++;
        memset(&networks[i], 0, sizeof networks[i]);
        memcpy(networks[i].bssid, bssid, MAC_SIZE);
    }
    if (ssid_size) {
        memcpy(networks[i].ssid, ssid, ssid_size);
    }
    networks[i].channel = channel[0];
    networks[i].is_open = !(body[10] & PRIVACY);
    networks[i].signal_dbm = frame->signal_dbm;
}

uint32_t station_scan(struct network networks[MOST_NETWORKS])
{
    uint8_t request[2 + sizeof rates] = {ELEMENT_SSID, 0};
    struct received_frame frame;
    uint32_t count = 0;

    memcpy(request + 2, rates, sizeof rates);
    wlan_hear_all(true);
    for (uint32_t channel = 1; channel <= CHANNELS; channel++) {
        const uint32_t begun = kernel_ticks();

        wlan_set_channel(channel);
        send(PROBE, 0, everybody, everybody, request, sizeof request);
        for (uint32_t waited = 0; waited < DWELL_MS; waited = kernel_ticks() - begun) {
            if (wlan_receive(&frame, DWELL_MS - waited) && frame.size >= WLAN_HEADER + FIXED_OF_BEACONS &&
                (frame.data[0] == BEACON || frame.data[0] == PROBED)) {
                note(networks, &count, &frame);
            }
        }
    }
    wlan_hear_all(false);
    return count;
}

/* Waits for the answer of the access point to what was sent; its status, or -1. */
static int answer(uint8_t kind, uint32_t status_at)
{
    const uint32_t begun = kernel_ticks();
    struct received_frame frame;

    for (uint32_t waited = 0; waited < ANSWER_MS; waited = kernel_ticks() - begun) {
        if (wlan_receive(&frame, ANSWER_MS - waited) && frame.data[0] == kind &&
            frame.size >= WLAN_HEADER + status_at + 2 && memcmp(frame.data + 10, access_point, MAC_SIZE) == 0) {
            const uint8_t *status = frame.data + WLAN_HEADER + status_at;
            return status[0] | status[1] << 8;
        }
    }
    return -1;
}

static bool ask(uint8_t kind, const uint8_t *body, uint32_t size, uint8_t answer_kind, uint32_t status_at)
{
    int status = -1;

    for (uint32_t i = 0; i < TRIES && status < 0; i++) {
        send(kind, 0, access_point, access_point, body, size);
        status = answer(answer_kind, status_at);
    }
    return status == 0;
}

bool station_join(const struct network *network)
{
    static const uint8_t authentication[] = {0, 0, 1, 0, 0, 0}; /* open system, step 1 */
    uint8_t request[4 + 2 + SSID_SIZE + sizeof rates] = {ESS, 0, LISTEN_INTERVAL, 0, ELEMENT_SSID};
    const uint32_t ssid_size = strlen(network->ssid);

    request[5] = (uint8_t)ssid_size;
    memcpy(request + 6, network->ssid, ssid_size);
    memcpy(request + 6 + ssid_size, rates, sizeof rates);
    memcpy(access_point, network->bssid, MAC_SIZE);
    wlan_set_channel(network->channel);
    wlan_set_bssid(network->bssid);
    is_joined = ask(AUTHENTICATE, authentication, sizeof authentication, AUTHENTICATE, 4) &&
                ask(ASSOCIATE, request, 6 + ssid_size + sizeof rates, ASSOCIATED, 2);
    return is_joined;
}

bool station_send(const uint8_t destination[MAC_SIZE], uint16_t type, const uint8_t *payload, uint32_t size)
{
    static uint8_t body[WLAN_MOST_BYTES];

    if (!is_joined || size > sizeof body - LLC_SIZE) {
        return false;
    }
    memcpy(body, llc, sizeof llc);
    body[6] = (uint8_t)(type >> 8);
    body[7] = (uint8_t)type;
    memcpy(body + LLC_SIZE, payload, size);
    return send(DATA, TO_ACCESS_POINT, access_point, destination, body, LLC_SIZE + size);
}

static bool take(const struct received_frame *received, struct ethernet_frame *frame)
{
    const uint8_t *data = received->data;
    const uint32_t header = data[0] == QOS_DATA ? WLAN_HEADER + 2 : WLAN_HEADER;

    if (data[0] == DEAUTHENTICATE || data[0] == DISASSOCIATE) {
        is_joined = false;
        return false;
    }
    if ((data[0] != DATA && data[0] != QOS_DATA) || (data[1] & 3) != FROM_ACCESS_POINT ||
        received->size < header + LLC_SIZE || memcmp(data + header, llc, sizeof llc) != 0) {
        return false;
    }
    memcpy(frame->source, data + 16, MAC_SIZE);
    frame->type = (uint16_t)(data[header + 6] << 8 | data[header + 7]);
    frame->payload = data + header + LLC_SIZE;
    frame->size = received->size - header - LLC_SIZE;
    return true;
}

bool station_receive(struct ethernet_frame *frame, uint32_t timeout_ms)
{
    const uint32_t begun = kernel_ticks();
    struct received_frame received;

    for (uint32_t waited = 0; is_joined; waited = kernel_ticks() - begun) {
        if (waited >= timeout_ms || !wlan_receive(&received, timeout_ms - waited)) {
            return false;
        }
        if (received.size >= WLAN_HEADER && take(&received, frame)) {
            return true;
        }
    }
    return false;
}
