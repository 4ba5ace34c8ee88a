/* While the device erases or programs nothing can be fetched from it: this code is in SRAM, and so are the
 * handlers of the interrupts that go on. The bits follow wm_hal_flash.c of wm_iot_sdk. */
#include "drivers/flash_command.h"

#include "kernel/interrupts.h"
#include "kernel/kernel.h"

RAM_CODE static void sleep_ticks(uint32_t count)
{
    const uint32_t begin = kernel_ticks();

    while (kernel_ticks() - begin < count) {
        wait_for_interrupt();
    }
}

RAM_CODE void flash_command(uint32_t command_info, uint32_t address, uint32_t busy_ms)
{
    FLASH_CTRL->command_info = command_info;
    FLASH_CTRL->address = address;
    FLASH_CTRL->command_start = FLASH_START;
    if (busy_ms > 0 && kernel_is_running()) {
        sleep_ticks(busy_ms + 1); /* the first tick comes early */
    }
    while (FLASH_CTRL->command_start & FLASH_START) {
    }
}
