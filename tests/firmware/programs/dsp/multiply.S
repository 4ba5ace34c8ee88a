/* Products, with and without accumulation. */
#include "check/cases.h"

    cases   dsp_multiply

    case    "mul.u32", 0xFFFFFFFF, 0xFFFFFFFF
    mul.u32 r2, r0, r1
    gives   0xFFFFFFFF, 0xFFFFFFFF, 0x00000001, 0xFFFFFFFE

    case    "mul.s32", 0xFFFFFFFF, 0x80000000
    mul.s32 r2, r0, r1
    gives   0xFFFFFFFF, 0x80000000, 0x80000000, 0

    case    "mula.u32", 0xFFFFFFFF, 2, 3, 4
    mula.u32 r2, r0, r1
    gives   0xFFFFFFFF, 2, 1, 6

    case    "mula.s32", 0xFFFFFFFF, 2, 1, 0
    mula.s32 r2, r0, r1
    gives   0xFFFFFFFF, 2, 0xFFFFFFFF, 0xFFFFFFFF

    case    "mula.32.l", 0x10001, 0x10001, 5
    mula.32.l r2, r0, r1
    gives   0x10001, 0x10001, 0x00020006

    case    "muls.u32", 2, 3, 5, 0
    muls.u32 r2, r0, r1
    gives   2, 3, 0xFFFFFFFF, 0xFFFFFFFF

    case    "mula.s32.s up", 0x7FFFFFFF, 0x7FFFFFFF, 0, 0x7FFFFFFF
    mula.s32.s r2, r0, r1
    gives   0x7FFFFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0x7FFFFFFF

    case    "muls.s32.s down", 0x7FFFFFFF, 0x7FFFFFFF, 0, 0x80000000
    muls.s32.s r2, r0, r1
    gives   0x7FFFFFFF, 0x7FFFFFFF, 0, 0x80000000

    case    "mula.u32.s", 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0x10
    mula.u32.s r2, r0, r1
    gives   0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF

    case    "muls.u32.s", 2, 3, 5, 0
    muls.u32.s r2, r0, r1
    gives   2, 3, 0, 0

    case    "mul.s32.h and mul.s32.rh", 0x40000000, 6       /* 1.5 */
    mul.s32.h r2, r0, r1
    mul.s32.rh r3, r0, r1
    gives   0x40000000, 6, 1, 2

    case    "rmul.s32.h", 0x80000000, 0x80000000            /* -1 * -1 as fractions: just below 1 */
    rmul.s32.h r2, r0, r1
    gives   0x80000000, 0x80000000, 0x7FFFFFFF

    case    "mula.s32.hs", 0x7FFFFFFF, 0x7FFFFFFF, 0x7FFFFFFF
    mula.s32.hs r2, r0, r1
    gives   0x7FFFFFFF, 0x7FFFFFFF, 0x7FFFFFFF

    case    "mulxl.s32 and mulxh.s32", 0x00010000, 0xFFFE0003
    mulxl.s32 r2, r0, r1
    mulxh.s32 r3, r0, r1
    gives   0x00010000, 0xFFFE0003, 3, 0xFFFFFFFE

    case    "mulll.s16 and mulhh.s16", 0xFFFF0002, 0x00038000
    mulll.s16 r2, r0, r1
    mulhh.s16 r3, r0, r1
    gives   0xFFFF0002, 0x00038000, 0xFFFF0000, 0xFFFFFFFD

    case    "mulhl.s16", 0xFFFF0002, 0x00038000             /* high of the first, low of the second */
    mulhl.s16 r2, r0, r1
    gives   0xFFFF0002, 0x00038000, 0x00008000

    case    "mulall.s16.s", 0x7FFF7FFF, 0x7FFF7FFF, 0x7FFFFFFF
    mulall.s16.s r2, r0, r1
    gives   0x7FFF7FFF, 0x7FFF7FFF, 0x7FFFFFFF

    case    "mulahh.s16.e", 0xFFFF0000, 0x00020000, 1, 0
    mulahh.s16.e r2, r0, r1
    gives   0xFFFF0000, 0x00020000, 0xFFFFFFFF, 0xFFFFFFFF

    case    "pmul.u16", 0xFFFF0002, 0xFFFF0003
    pmul.u16 r2, r0, r1
    gives   0xFFFF0002, 0xFFFF0003, 6, 0xFFFE0001

    case    "pmulx.s16", 0xFFFF0002, 0x00050003             /* low: 2 * 5; high: -1 * 3 */
    pmulx.s16 r2, r0, r1
    gives   0xFFFF0002, 0x00050003, 10, 0xFFFFFFFD

    case    "prmul.s16", 0x40008000, 0x40008000             /* 0.5 * 0.5, and -1 * -1 saturates */
    prmul.s16 r2, r0, r1
    gives   0x40008000, 0x40008000, 0x7FFFFFFF, 0x20000000

    case    "mulca.s16.s", 0x00020003, 0x00040005           /* 8 + 15 */
    mulca.s16.s r2, r0, r1
    gives   0x00020003, 0x00040005, 23

    case    "mulcax.s16.s", 0x00020003, 0x00040005          /* 2 * 5 + 3 * 4 */
    mulcax.s16.s r2, r0, r1
    gives   0x00020003, 0x00040005, 22

    case    "mulcs.s16 and mulcsr.s16", 0x00020003, 0x00040005  /* 15 - 8, 8 - 15 */
    mulcs.s16 r2, r0, r1
    mulcsr.s16 r3, r0, r1
    gives   0x00020003, 0x00040005, 7, 0xFFFFFFF9

    case    "mulaca.s16.s", 0x7FFF7FFF, 0x7FFF7FFF, 0x7FFFFFFF
    mulaca.s16.s r2, r0, r1
    gives   0x7FFF7FFF, 0x7FFF7FFF, 0x7FFFFFFF

    case    "mulaca.s16.e", 0x80008000, 0x80008000, 0xFFFFFFFF, 0  /* 2^31 more */
    mulaca.s16.e r2, r0, r1
    gives   0x80008000, 0x80008000, 0x7FFFFFFF, 1

    case    "mulsca.s16.s", 0x00020003, 0x00040005, 23
    mulsca.s16.s r2, r0, r1
    gives   0x00020003, 0x00040005, 0

    case    "mulaca.s8", 0xFF020304, 0x02030405, 99         /* -2 + 6 + 12 + 20; nothing is accumulated */
    mulaca.s8 r2, r0, r1
    gives   0xFF020304, 0x02030405, 36

    end_of_cases
