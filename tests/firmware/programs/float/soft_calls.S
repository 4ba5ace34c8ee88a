/* For a compiler whose own library is built for the hard-float ABI: it takes and gives singles in FPU registers,
 * code compiled with -msoft-float in general ones. The library's arithmetic is done in integers all the same.
 * The Makefile wraps the functions if need be. */
#ifndef __CSKY_HARD_FLOAT__

.macro take_two
    fmtvrl  fr0, r0
    fmtvrl  fr1, r1
.endm

.macro take_one
    fmtvrl  fr0, r0
.endm

.macro take_integer
.endm

.macro give_single
    fmfvrl  r0, fr0
.endm

.macro give_integer
.endm

.macro wrap name, take, give
    .section .text.\name, "ax"
    .align  2
    .globl  __wrap_\name
__wrap_\name:
    push    r15
    \take
    bsr     __real_\name
    \give
    pop     r15
.endm

    wrap    __addsf3, take_two, give_single
    wrap    __subsf3, take_two, give_single
    wrap    __mulsf3, take_two, give_single
    wrap    __divsf3, take_two, give_single
    wrap    __ltsf2, take_two, give_integer
    wrap    __eqsf2, take_two, give_integer
    wrap    __fixsfsi, take_one, give_integer
    wrap    __fixunssfsi, take_one, give_integer
    wrap    __floatsisf, take_integer, give_single
    wrap    __floatunsisf, take_integer, give_single
#endif
