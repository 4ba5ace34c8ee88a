/* What instructions can raise, and that nothing of such an instruction happens. */
#include "check/cases.h"
#include "privilege/privilege.h"

    .section .bss.buffer, "aw", @nobits
    .align  2
buffer: .space 16

/* Adds 1 to r0 if the instruction raises an exception with PSR.MM clear. */
.macro misaligned instruction:vararg
    catch   4f
    mfcr    r13, psr
    bclri   r13, r13, PSR_MM_BIT
    mtcr    r13, psr
3:  \instruction
4:  tally   MISALIGNED, 3b
.endm

    cases   faults

    case    "misaligned accesses raise while PSR.MM is clear", 0, 0x1111, 0, 0x3333
    lrw     r2, buffer + 1
    misaligned ld.h r1, (r2, 0)
    misaligned ld.hs r1, (r2, 0)
    misaligned ld.w r1, (r2, 0)
    misaligned st.h r1, (r2, 0)
    misaligned st.w r1, (r2, 0)
    misaligned ldr.w r1, (r2, r1 << 2)
    misaligned str.w r1, (r2, r1 << 2)
    misaligned ldm  r1-r3, (r2)
    misaligned stm  r1-r3, (r2)
    misaligned ldbi.w r1, (r2)
    misaligned flds fr0, (r2, 0)
    ld.b    r2, (r2, 0)
    gives   11, 0x1111, 0, 0x3333

    case    "bytes are never misaligned", 0, 0x5A
    lrw     r2, buffer + 1
    mfcr    r3, psr
    bclri   r12, r3, PSR_MM_BIT
    mtcr    r12, psr
    st.b    r1, (r2, 0)
    ld.b    r0, (r2, 0)
    mtcr    r3, psr
    movi    r2, 0
    movi    r3, 0
    gives   0x5A, 0x5A

    case    "misaligned accesses work while PSR.MM is set", 0x11223344
    lrw     r12, buffer + 1
    st.w    r0, (r12, 0)
    ld.b    r1, (r12, 3)
    ld.h    r2, (r12, 2)
    ld.w    r3, (r12, 0)
    gives   0x11223344, 0x11, 0x1122, 0x11223344

    case    "division by zero", 0, 7, 9
    raises  DIVISION, divu r1, r2, r3
    raises  DIVISION, divs r1, r2, r3
    raises  DIVISION, divul r1, r2, r3
    raises  DIVISION, divsl r1, r2, r3
    gives   4, 7, 9

    case    "illegal instructions"
    raises  ILLEGAL, .long 0xFFFFFFFF
    raises  ILLEGAL, .long 0xFC00FC00
    gives   2

    case    "traps and breakpoint"
    raises  TRAP_0, trap 0
    raises  TRAP_0 + 1, trap 1
    raises  TRAP_0 + 2, trap 2
    raises  TRAP_0 + 3, trap 3
    raises  BREAKPOINT, bkpt
    gives   5

    case    "with PSR.EE clear all is unrecoverable, and EPC is kept"
    catch   2f
    psrclr  ie
    lrw     r0, 0x1234
    mtcr    r0, epc
    psrclr  ee
    trap    0
2:  lrw     r12, seen
    ld.w    r0, (r12, SEEN_VECTOR)
    ld.w    r1, (r12, SEEN_EPC)
    gives   UNRECOVERABLE, 0x1234

    case    "a handler runs in supervisor mode with interrupts and exceptions off"
    raises  TRAP_0, trap 0
    lrw     r12, seen
    ld.w    r1, (r12, SEEN_PSR)
    bclri   r1, 0                   /* C */
    gives   1, 1 << PSR_S_BIT | 1 << PSR_MM_BIT | TRAP_0 << 16

    case    "C comes back from an exception"
    catch   2f
    setc
    mfcr    r12, psr
    lrw     r13, seen
    st.w    r12, (r13, GO_ON_PSR)
    trap    0
2:  mvc     r0
    gives   1

    case    "VBR leads to another table"
    catch   2f
    lrw     r12, table
    lrw     r13, note_entry
    st.w    r13, (r12, 4 * (TRAP_0 + 3))
    mfcr    r0, vbr
    psrclr  ie
    bseti   r12, r12, 3             /* only bits 31 to 10 count */
    mtcr    r12, vbr
    trap    3
2:  mfcr    r1, vbr
    mtcr    r0, vbr
    lrw     r0, table
    subu    r0, r1
    lrw     r12, seen
    ld.w    r1, (r12, SEEN_VECTOR)
    gives   0, TRAP_0 + 3

    end_of_cases

    .section .bss.table, "aw", @nobits
    .align  10
table:  .space 256
