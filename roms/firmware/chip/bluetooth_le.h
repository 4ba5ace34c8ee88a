/* Link layer of Bluetooth LE. Source: use by the controller of wm_iot_sdk, see docs/radio.md. */
#ifndef CHIP_BLUETOOTH_LE_H
#define CHIP_BLUETOOTH_LE_H

#include <stdint.h>

#include "chip/memory_map.h"

struct bluetooth_le_registers {
    volatile uint32_t control;
    volatile uint32_t version[2];
    volatile uint32_t interrupt_mask; /* 1 enables */
    volatile uint32_t interrupt_status;
    volatile uint32_t interrupt_raw;
    volatile uint32_t acknowledge;
    volatile uint32_t time; /* in slots of 625 us, 27 bits */
    volatile uint32_t others[55];
    volatile uint32_t sample; /* write 1, and wait for 0 */
};

#define BLUETOOTH_LE_RESET     (1u << 31)
#define BLUETOOTH_LE_ENABLE    (1u << 8)
#define BLUETOOTH_LE_EVENT_END (1u << 3)
#define BLUETOOTH_LE_TIME_MASK 0x07FFFFFFu

/* In the exchange memory: what happens in which of 16 slots, and what an event is. */
struct bluetooth_le_event {
    volatile uint16_t kind;
    volatile uint16_t parameters[10];
    volatile uint16_t most_slots;
};

#define BLUETOOTH_LE_TABLE_OFFSET 0x170u
#define BLUETOOTH_LE_TABLE_SLOTS  16u
#define BLUETOOTH_LE_EVENT_OFFSET 0x298u
#define BLUETOOTH_LE_STATE_SHIFT  14
#define BLUETOOTH_LE_STATE_DONE   1u
#define BLUETOOTH_LE_PASSIVE_SCAN 8u

#define BLUETOOTH_LE              ((struct bluetooth_le_registers *)BLUETOOTH_LE_BASE)
#define BLUETOOTH_LE_TABLE        ((volatile uint16_t *)(BLUETOOTH_LE_MEMORY_BASE + BLUETOOTH_LE_TABLE_OFFSET))
#define BLUETOOTH_LE_EVENT        ((struct bluetooth_le_event *)(BLUETOOTH_LE_MEMORY_BASE + BLUETOOTH_LE_EVENT_OFFSET))

#endif
