/* From reset to C: the vector table, and the state that compiled code needs. */
#include "chip/memory_map.h"

#define PSR_SUPERVISOR_ALIGN_CHECK 0x80000200 /* S and MM; interrupts and exceptions off */

    .section .vectors, "a"
    .align  10 /* VBR holds the upper 22 bits */
    .globl  vectors
vectors:
    .long   reset_handler           /*  0: reset; the bootloader jumps here */
    .rept   21
    .long   exception_entry         /*  1 to 21: see exception.c */
    .endr
    .long   task_switch_entry       /* 22: task switch, asked for through VIC TSPEND */
    .rept   9
    .long   exception_entry         /* 23 to 31 */
    .endr
    .rept   32
    .long   interrupt_entry         /* 32 to 63: interrupts 0 to 31 */
    .endr

    .text
    .align  2
    .globl  reset_handler
    .type   reset_handler, @function
reset_handler:
    lrw     r0, PSR_SUPERVISOR_ALIGN_CHECK
    mtcr    r0, psr
    lrw     sp, start_stack_top

    lrw     r0, __vectors_in_ram    /* flash cannot be read while it is erased: keep the vectors in SRAM */
    lrw     r1, vectors
    movi    r2, 256
    bsr     copy_words

    lrw     r0, __data_start        /* .data, and with it the code that runs from SRAM */
    lrw     r1, __erodata
    lrw     r2, __data_end
    subu    r2, r0
    bsr     copy_words

    lrw     r0, __bss_start
    lrw     r1, __bss_end
    movi    r2, 0
1:  cmphs   r0, r1
    bt      2f
    st.w    r2, (r0, 0)
    addi    r0, 4
    br      1b

2:  bsr     system_start            /* does not return */
    br      .
    .size   reset_handler, . - reset_handler

/* r0: to, r1: from, r2: bytes, a multiple of 4. */
copy_words:
    addu    r2, r0
1:  cmphs   r0, r2
    bt      2f
    ld.w    r3, (r1, 0)
    st.w    r3, (r0, 0)
    addi    r0, 4
    addi    r1, 4
    br      1b
2:  rts

/* Used until the scheduler starts, then by interrupts: system_start() gives it to Int_SP. */
    .section .bss.start_stack, "aw", @nobits
    .align  3
    .space  2048
    .globl  start_stack_top
start_stack_top:
