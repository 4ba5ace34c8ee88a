/* Register use follows the controller of wm_iot_sdk. */
#include "drivers/scan.h"

#include "chip/bluetooth_le.h"
#include "chip/vic.h"
#include "kernel/interrupts.h"
#include "kernel/kernel.h"

#define SLOTS_AHEAD 4u

static struct semaphore event_ended;

RAM_CODE static void on_link_layer_interrupt(void *unused)
{
    (void)unused;
    BLUETOOTH_LE->acknowledge = BLUETOOTH_LE_EVENT_END;
    semaphore_give(&event_ended);
}

static uint32_t time_in_slots(void)
{
    BLUETOOTH_LE->sample = 1;
    while (BLUETOOTH_LE->sample) {
    }
    return BLUETOOTH_LE->time;
}

static void start_link_layer(void)
{
    BLUETOOTH_LE->control = BLUETOOTH_LE_RESET;
    while (BLUETOOTH_LE->control & BLUETOOTH_LE_RESET) {
    }
    BLUETOOTH_LE->acknowledge = UINT32_MAX;
    BLUETOOTH_LE->interrupt_mask = BLUETOOTH_LE_EVENT_END;
    BLUETOOTH_LE->control = BLUETOOTH_LE_ENABLE;
}

uint32_t scan_for(uint32_t slots)
{
    interrupt_attach(INTERRUPT_BLUETOOTH_LE, on_link_layer_interrupt, 0);
    start_link_layer();
    BLUETOOTH_LE_EVENT->kind = BLUETOOTH_LE_PASSIVE_SCAN;
    BLUETOOTH_LE_EVENT->most_slots = slots;

    const uint32_t start = time_in_slots() + SLOTS_AHEAD;
    volatile uint16_t *entry = &BLUETOOTH_LE_TABLE[start % BLUETOOTH_LE_TABLE_SLOTS];

    *entry = BLUETOOTH_LE_EVENT_OFFSET;
    semaphore_take(&event_ended, FOREVER);

    const uint32_t duration = (time_in_slots() - start) & BLUETOOTH_LE_TIME_MASK;
    const uint32_t state = *entry >> BLUETOOTH_LE_STATE_SHIFT;

    *entry = 0;
    BLUETOOTH_LE->control = 0;
    return state == BLUETOOTH_LE_STATE_DONE ? duration : 0;
}
