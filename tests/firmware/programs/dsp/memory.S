/* Loads and stores that step, and the loop instruction. */
#include "check/cases.h"

    .section .bss.words, "aw", @nobits
    .align  2
words:  .space 16

    cases   dsp_memory

    case    "stbi.w and pldbi.d", 0x11223344, 0x55667788
    lrw     r12, words
    stbi.w  r0, (r12)
    stbi.w  r1, (r12)
    subi    r12, 8
    pldbi.d r2, (r12)
    gives   0x11223344, 0x55667788, 0x11223344, 0x55667788

    case    "ldbi steps", 0, 0, 0x80FF8001
    lrw     r12, words
    mov     r13, r12
    st.w    r2, (r12, 0)
    ldbi.b  r0, (r12)               /* 01 */
    ldbi.bs r1, (r12)               /* 80 */
    ldbi.hs r2, (r12)               /* 80FF */
    subu    r3, r12, r13
    gives   1, 0xFFFFFF80, 0xFFFF80FF, 4

    case    "ldbi.h and stbi.h", 0x12345678
    lrw     r12, words
    mov     r13, r12
    stbi.h  r0, (r12)
    stbi.b  r0, (r12)
    subu    r1, r12, r13
    ldbi.h  r2, (r13)
    ldbi.b  r3, (r13)
    gives   0x12345678, 3, 0x5678, 0x78

    case    "pldbir.d", 1, 2, 3, 8
    lrw     r12, words
    st.w    r0, (r12, 0)
    st.w    r1, (r12, 8)
    mov     r13, r12
    pldbir.d r0, (r12), r3
    subu    r2, r12, r13
    gives   1, 2, 16, 8

    case    "stbir and ldbir", 0xABCD, 0, 0, 6
    lrw     r12, words
    mov     r13, r12
    stbir.h r0, (r12), r3
    stbir.b r0, (r12), r3
    subu    r1, r12, r13
    mov     r12, r13
    ldbir.hs r2, (r12), r3
    ldbir.b r3, (r12), r3
    gives   0xABCD, 12, 0xFFFFABCD, 0xCD

    case    "bloop counts down", 10
1:  addi    r1, 1
    bloop   r0, 1b
    gives   0, 10

    case    "a sum of products", 0, 0, 8
    lrw     r12, 1f
    lrw     r13, 2f
3:  pldbi.d r16, (r12)
    pldbi.d r18, (r13)
    mulaca.s16.e r0, r16, r18
    mulaca.s16.e r0, r17, r19
    subi    r2, 4
    bnez    r2, 3b
    gives   0xFFFE006A, 0xFFFFFFFF  /* -1 + 60000 + 21 - 131068 + 10 - 60000 + 0 + 72 */

    .section .rodata
    .align  2
1:  .short  1, 2, 3, -4, 5, -30000, 7, 8
2:  .short  -1, 30000, 7, 32767, 2, 2, 0, 9
    .text

    end_of_cases
