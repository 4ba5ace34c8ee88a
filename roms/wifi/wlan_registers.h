/* Security block, MAC and port to the analog radio of the WLAN. Sources: see docs/radio.md. */
#ifndef WIFI_WLAN_REGISTERS_H
#define WIFI_WLAN_REGISTERS_H

#include <stdint.h>

#include "chip/vic.h"

#define WLAN_MAC_BASE      0x40001400u
#define WLAN_SECURITY_BASE 0x40001800u
#define RF_SPI_BASE        0x40011A00u

#define INTERRUPT_WLAN_SECURITY ((enum interrupt)3)

struct wlan_mac_registers {
    volatile uint32_t control;
    volatile uint32_t response[4];
    volatile uint32_t station_address[2]; /* its first byte is the lowest */
    volatile uint32_t others[19];
    volatile uint32_t receive_command;
    volatile uint32_t timing[9];
    volatile uint32_t interrupt_source;
    volatile uint32_t interrupt_mask;
    volatile uint32_t time[2];
    volatile uint32_t contention[6];
    volatile uint32_t report_address;
    volatile uint32_t free_reports;
    volatile uint32_t new_reports;
    volatile uint32_t transmit_timing[2];
    volatile uint32_t radio_control;
    volatile uint32_t converter_control;
    volatile uint32_t bluetooth_share;
    volatile uint32_t beacon_bssid[2];
};

#define WLAN_CONTROL_ALL_BEACONS (1u << 11)
#define WLAN_CONTROL_TRANSMITTER (1u << 19)
#define WLAN_RECEIVE_ENABLE      (1u << 0)
#define WLAN_RADIO_RUNNING       0x190u
#define WLAN_REPORTED            (1u << 2)
#define WLAN_REPORT_COUNT        32u
#define WLAN_REPORT_WORDS        5u

struct wlan_security_registers {
    volatile uint32_t keys[432];
    volatile uint32_t control[2];
    volatile uint32_t interrupt_mask;
    volatile uint32_t interrupt_status;
    volatile uint32_t data_enable;
    volatile uint32_t data_queue;
    volatile uint32_t send_data;
    volatile uint32_t management_enable;
    volatile uint32_t management_queue;
    volatile uint32_t send_management;
    volatile uint32_t receive_enable;
    volatile uint32_t receive_queue;
    volatile uint32_t receive;
};

#define WLAN_INTERRUPTS         0x7u
#define WLAN_INTERRUPT_RECEIVED (1u << 2)

struct rf_spi_registers {
    volatile uint32_t start;
    volatile uint32_t clock;
    volatile uint32_t command;
    volatile uint32_t answer;
};

#define RF_SPI_BUSY                       (1u << 18)
#define RF_SPI_WRITE(register_, contents) ((register_) << 27 | (contents) << 10)

/* Descriptors; in word 0 this bit says that the hardware has it. */
#define WLAN_OWNED (1u << 31)

struct wlan_receive_descriptor {
    volatile uint32_t owner;
    volatile uint32_t buffer;
    struct wlan_receive_descriptor *next;
};

struct wlan_send_descriptor {
    volatile uint32_t owner;
    struct wlan_frame *frame;
    const uint8_t *body;
    uint32_t lengths;    /* 11..0 of the body, 17..12 of the header */
    uint32_t protection; /* 0: none */
    struct wlan_send_descriptor *next;
};

/* What the MAC wants to know of a frame, then the frame's header. */
struct wlan_frame {
    uint32_t traffic;    /* 15..12 traffic id */
    uint32_t air_bytes;  /* with the check sum */
    uint32_t lengths;    /* 11..0 without it, 21..16 of the header, 29: no acknowledgement */
    uint32_t aggregation;
    uint32_t tries;      /* four times four bits */
    uint32_t flags;
    uint32_t rates;      /* four bytes, in 500 kbit/s */
    uint32_t gains;
    uint8_t header[32];
};

#define WLAN_MANAGEMENT_TRAFFIC 15u
#define WLAN_NO_ACKNOWLEDGEMENT (1u << 29)
#define WLAN_STATUS_BYTES       24u
#define WLAN_BUFFER_BYTES       1624u

#define WLAN_MAC      ((struct wlan_mac_registers *)WLAN_MAC_BASE)
#define WLAN_SECURITY ((struct wlan_security_registers *)WLAN_SECURITY_BASE)
#define RF_SPI        ((struct rf_spi_registers *)RF_SPI_BASE)

_Static_assert(__builtin_offsetof(struct wlan_mac_registers, receive_command) == 0x68, "MAC");
_Static_assert(__builtin_offsetof(struct wlan_mac_registers, interrupt_source) == 0x90, "MAC");
_Static_assert(__builtin_offsetof(struct wlan_mac_registers, report_address) == 0xB8, "MAC");
_Static_assert(__builtin_offsetof(struct wlan_mac_registers, beacon_bssid) == 0xD8, "MAC");
_Static_assert(__builtin_offsetof(struct wlan_security_registers, interrupt_mask) == 0x6C8, "security");
_Static_assert(__builtin_offsetof(struct wlan_security_registers, receive) == 0x6F0, "security");

#endif
