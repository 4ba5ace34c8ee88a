/* Flash controller registers. Source: wm_flash_reg_struct.h, wm_ll_flash.h of wm_iot_sdk. */
#ifndef CHIP_FLASH_H
#define CHIP_FLASH_H

#include <stdint.h>

#include "chip/memory_map.h"

struct flash_registers {
    volatile uint32_t command_info;
    volatile uint32_t command_start;
    volatile uint32_t control;
    volatile uint32_t remap;
    volatile uint32_t address; /* counted from the start of the device */
};

#define FLASH_INFO_SECTOR_ERASE (1u << 11) /* tells the hardware what to wait for */
#define FLASH_INFO_PAGE_PROGRAM (1u << 12)
#define FLASH_INFO_READ         (1u << 14)
#define FLASH_INFO_DATA(size)   (1u << 15 | ((size)-1u) << 16)
#define FLASH_INFO_DUMMY(count) (1u << 29 | (count) << 26)
#define FLASH_INFO_ADDRESS      (1u << 31)

#define FLASH_START             (1u << 8) /* reads as 1 until the device is ready */

/* Opcodes of the device, the same for every part in wm_hal_iflash_chips.h. */
#define FLASH_WRITE_ENABLE      0x06u
#define FLASH_READ_ID           0x9Fu
#define FLASH_READ_UNIQUE_ID    0x4Bu
#define FLASH_READ_DATA         0x03u
#define FLASH_PROGRAM_PAGE      0x02u
#define FLASH_ERASE_SECTOR      0x20u

#define FLASH_CTRL              ((struct flash_registers *)FLASH_CTRL_BASE)
#define FLASH_FIFO              ((volatile uint32_t *)FLASH_FIFO_BASE)

#endif
