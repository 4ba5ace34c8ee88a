/* Power management, always on. Source: wm_pmu_reg_struct.h of wm_iot_sdk. */
#ifndef CHIP_PMU_H
#define CHIP_PMU_H

#include <stdint.h>

#include "chip/memory_map.h"

struct pmu_registers {
    volatile uint32_t control;
    volatile uint32_t timer0; /* seconds */
    volatile uint32_t timer1; /* milliseconds */
    volatile uint32_t reserved[2];
    volatile uint32_t flags; /* write 1 to clear */
};

#define PMU_CONTROL_STANDBY        (1u << 0)
#define PMU_CONTROL_SLEEP          (1u << 1)
#define PMU_CONTROL_CALIBRATE      (1u << 3)
#define PMU_CONTROL_BYPASS_32K     (1u << 4)

#define PMU_TIMER_ENABLE           (1u << 16)

#define PMU_FLAG_TIMER0            (1u << 0)
#define PMU_FLAG_IO_WAKEUP         (1u << 2)
#define PMU_FLAG_WOKE_FROM_STANDBY (1u << 7)
#define PMU_FLAG_WOKE_FROM_SLEEP   (1u << 8)

#define PMU                        ((struct pmu_registers *)PMU_BASE)

#endif
