/* Where things are. Sources: wm_regs_base.h, chip_layout.ld.h and rom.rst of wm_iot_sdk. */
#ifndef CHIP_MEMORY_MAP_H
#define CHIP_MEMORY_MAP_H

#define FLASH_BASE        0x08000000u /* the serial flash, executed in place */
#define GPSEC_BASE        0x40000600u
#define PMU_BASE          0x40000D00u
#define RCC_BASE          0x40000E00u
#define FLASH_FIFO_BASE   0x40000000u /* 1 KB, shared with the RSA engine */
#define FLASH_CTRL_BASE   0x40002000u
#define BLUETOOTH_LE_BASE 0x40006200u
#define BLUETOOTH_LE_MEMORY_BASE 0x40006A00u /* 16 KB that firmware and link layer share */
#define UART0_BASE        0x40010600u
#define UART1_BASE        0x40010800u
#define GPIOB_BASE        0x40011400u /* pins 16 to 47 */
#define WATCHDOG_BASE     0x40011600u
#define CORE_TIMER_BASE   0xE000E010u
#define VIC_BASE          0xE000E100u

#define FLASH_SECTOR_SIZE 4096u
#define FLASH_PAGE_SIZE   256u

/* One word that no start-up code clears: why the chip was reset (WM_REBOOT_PARA_ADDRESS, wm_soc_cfgs.h). */
#define REBOOT_REASON_ADDRESS 0x20047EFCu

#ifndef __ASSEMBLER__
/* Code that runs while the flash is busy, or that an interrupt may start meanwhile. It is linked into .data,
 * so start-up copies it to SRAM; it may only call such code and only use data in SRAM. What flash code calls is
 * not static: the linker bridges the distance between flash and SRAM for global symbols only. */
#define RAM_CODE __attribute__((section(".ram_code"), noinline))
#endif

#endif
