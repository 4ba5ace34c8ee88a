/* Resetting the chip, and why it was reset. */
#ifndef START_REBOOT_H
#define START_REBOOT_H

/* Numbers of wm_reboot_reason_t in wm_iot_sdk. */
enum reboot_reason {
    REBOOT_POWER_ON,
    REBOOT_STANDBY,
    REBOOT_EXCEPTION,
    REBOOT_WATCHDOG,
    REBOOT_USER,
    REBOOT_OTA,
    REBOOT_REASON_COUNT,
};

enum reboot_reason reboot_reason(void);
void reboot_reason_set(enum reboot_reason reason);

/* Leaves the reason for the next start and has the watchdog reset the chip. */
void reboot(enum reboot_reason reason) __attribute__((noreturn));

#endif
