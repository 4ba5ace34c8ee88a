/* Tables of instructions with what they have to make of r0 to r3. One table a file, in assembly:
 *
 *     cases   saturating
 *     case    "add.s32.s", 0x7FFFFFFF, 1      the name, and r0 to r3 before
 *     add.s32.s r0, r0, r1                    any code that leaves r4 to r11, r14 and r15 alone
 *     gives   0x7FFFFFFF, 1                   r0 to r3 behind
 *     end_of_cases
 */
#ifndef CHECK_CASES_H
#define CHECK_CASES_H

#ifdef __ASSEMBLER__

.macro cases table
    .section .rodata.cases, "a"
    .align  2
    .globl  \table
\table:
    .text
    .align  2
.endm

.macro case name, r0=0, r1=0, r2=0, r3=0
    .section .rodata.names, "a"
7:  .asciz  "\name"
    .section .rodata.cases, "a"
    .long   7b, 8f, \r0, \r1, \r2, \r3
    .text
8:
.endm

.macro gives r0=0, r1=0, r2=0, r3=0
    rts
    .section .rodata.cases, "a"
    .long   \r0, \r1, \r2, \r3
    .text
.endm

.macro end_of_cases
    .section .rodata.cases, "a"
    .long   0
    .text
.endm

#else

#include <stdint.h>

struct instruction_case {
    const char *name; /* none: the end of the table */
    void (*code)(void);
    uint32_t before[4]; /* r0 to r3 */
    uint32_t behind[4];
};

/* Checks every case of a table: a line for all of them, and one for each failure. */
void check_cases(const char *title, const struct instruction_case *cases);

#endif
#endif
