/* uint32_t hold_registers(uint32_t seed, uint32_t loops) and its kin: see hold.h. */

#define LOW_REGISTERS  2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15
#define HIGH_REGISTERS 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31

/* Each register holds the seed plus its number. */
.macro fill registers:vararg
    .irp n, \registers
    .ifnb   \n
    addi    r\n, r0, \n
    .endif
    .endr
.endm

/* r1 collects differences. */
.macro compare registers:vararg
    .irp n, \registers
    .ifnb   \n
    subi    r\n, r\n, \n
    xor     r\n, r0
    or      r1, r\n
    .endif
    .endr
.endm

.macro hold name, high:vararg
    .text
    .align  2
    .globl  \name
    .type   \name, @function
\name:
    push    r4-r11, r15
    subi    sp, 4
    st.w    r0, (sp, 0)
    fill    LOW_REGISTERS
    fill    \high
    btsti   r0, 0                   /* C is bit 0 of the seed */
1:  bnezad  r1, 1b
    mvc     r1
    xor     r1, r0
    andi    r1, r1, 1
    compare LOW_REGISTERS
    compare \high
    ld.w    r2, (sp, 0)
    xor     r0, r2
    or      r0, r1
    addi    sp, 4
    pop     r4-r11, r15
    .size   \name, . - \name
.endm

    hold    hold_registers
    hold    hold_all_registers, HIGH_REGISTERS

    .align  2
    .globl  plain_entry
    .type   plain_entry, @function
plain_entry:
    subi    sp, 28
    stm     r0-r3, (sp)
    st.w    r12, (sp, 16)
    st.w    r13, (sp, 20)
    st.w    r15, (sp, 24)
    jsri    interrupt_dispatch
    ld.w    r15, (sp, 24)
    ld.w    r13, (sp, 20)
    ld.w    r12, (sp, 16)
    ldm     r0-r3, (sp)
    addi    sp, 28
    rte
    .size   plain_entry, . - plain_entry
