/* Saturating and rounding arithmetic and shifts of whole words and pairs. */
#include "check/cases.h"

    cases   dsp_saturating

    case    "add.s32.s up", 0x7FFFFFFF, 1
    add.s32.s r0, r0, r1
    gives   0x7FFFFFFF, 1

    case    "add.s32.s down", 0x80000000, 0xFFFFFFFF
    add.s32.s r0, r0, r1
    gives   0x80000000, 0xFFFFFFFF

    case    "add.s32.s within", 0x7FFFFFFE, 1
    add.s32.s r0, r0, r1
    gives   0x7FFFFFFF, 1

    case    "add.u32.s", 0xFFFFFFF0, 0x20
    add.u32.s r0, r0, r1
    gives   0xFFFFFFFF, 0x20

    case    "sub.s32.s up", 0x7FFFFFFF, 0x80000000
    sub.s32.s r0, r0, r1
    gives   0x7FFFFFFF, 0x80000000

    case    "sub.s32.s down", 0x80000000, 1
    sub.s32.s r0, r0, r1
    gives   0x80000000, 1

    case    "sub.u32.s", 5, 6
    sub.u32.s r0, r0, r1
    gives   0, 6

    case    "add.64 carries", 0xFFFFFFFF, 1, 1, 2
    add.64  r0, r0, r2
    gives   0, 4, 1, 2

    case    "sub.64 borrows", 0, 4, 1, 2
    sub.64  r0, r0, r2
    gives   0xFFFFFFFF, 1, 1, 2

    case    "add.s64.s", 0xFFFFFFFF, 0x7FFFFFFF, 1, 0
    add.s64.s r0, r0, r2
    gives   0xFFFFFFFF, 0x7FFFFFFF, 1, 0

    case    "add.u64.s", 0xFFFFFFFF, 0xFFFFFFFF, 2, 0
    add.u64.s r0, r0, r2
    gives   0xFFFFFFFF, 0xFFFFFFFF, 2, 0

    case    "sub.s64.s", 0, 0x80000000, 1, 0
    sub.s64.s r0, r0, r2
    gives   0, 0x80000000, 1, 0

    case    "sub.u64.s", 1, 0, 2, 0
    sub.u64.s r0, r0, r2
    gives   0, 0, 2, 0

    case    "addh.s32", 0x7FFFFFFF, 0x7FFFFFFF
    addh.s32 r0, r0, r1
    gives   0x7FFFFFFF, 0x7FFFFFFF

    case    "addh.u32", 0xFFFFFFFF, 1
    addh.u32 r0, r0, r1
    gives   0x80000000, 1

    case    "subh.s32", 0x80000000, 0x7FFFFFFF
    subh.s32 r0, r0, r1
    gives   0x80000000, 0x7FFFFFFF

    case    "abs.s32.s", 0x80000000
    abs.s32.s r0, r0
    gives   0x7FFFFFFF

    case    "neg.s32.s", 0x80000000
    neg.s32.s r0, r0
    gives   0x7FFFFFFF

    case    "lsli.s32.s up", 0x40000000
    lsli.s32.s r0, r0, 1
    gives   0x7FFFFFFF

    case    "lsli.s32.s down", 0xBFFFFFFF
    lsli.s32.s r0, r0, 1
    gives   0x80000000

    case    "lsl.u32.s", 0x01000000, 8
    lsl.u32.s r0, r0, r1
    gives   0xFFFFFFFF, 8

    case    "asri.s32.r", 0xFFFFFFFD        /* -3 / 2 = -1.5, up to -1 */
    asri.s32.r r0, r0, 1
    gives   0xFFFFFFFF

    case    "lsr.u32.r", 0xFFFFFFFF, 4
    lsr.u32.r r0, r0, r1
    gives   0x10000000, 4

    case    "clipi.s32 up", 128
    clipi.s32 r0, r0, 8
    gives   127

    case    "clipi.s32 down", 0xFFFFFF00
    clipi.s32 r0, r0, 8
    gives   0xFFFFFF80

    case    "clipi.u32", 0xFFFFFFFF         /* -1 */
    clipi.u32 r0, r0, 8
    gives   0

    case    "max.s32 and min.s32", 0x80000000, 1
    max.s32 r2, r0, r1
    min.s32 r3, r0, r1
    gives   0x80000000, 1, 1, 0x80000000

    case    "max.u32 and min.u32", 0x80000000, 1
    max.u32 r2, r0, r1
    min.u32 r3, r0, r1
    gives   0x80000000, 1, 0x80000000, 1

    case    "divul", 0, 1, 3                /* 2^32 / 3 */
    divul   r0, r0, r2
    gives   0x55555555, 0, 3

    case    "divsl", 0xFFFFFFF9, 0xFFFFFFFF, 2  /* -7 / 2, towards 0 */
    divsl   r0, r0, r2
    gives   0xFFFFFFFD, 0xFFFFFFFF, 2

    end_of_cases
