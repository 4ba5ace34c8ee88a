/* Two halves or four bytes at a time. */
#include "check/cases.h"

    cases   dsp_packed

    case    "padd.8", 0xFF01807F, 0x01010101
    padd.8  r0, r0, r1
    gives   0x00028180, 0x01010101

    case    "padd.16", 0xFFFF8000, 0x00018000
    padd.16 r0, r0, r1
    gives   0x00000000, 0x00018000

    case    "padd.u8.s", 0xFF01807F, 0x01010181
    padd.u8.s r0, r0, r1
    gives   0xFF0281FF, 0x01010181

    case    "padd.s8.s", 0x7F80FF01, 0x01FF01FF
    padd.s8.s r0, r0, r1
    gives   0x7F800000, 0x01FF01FF

    case    "padd.s16.s", 0x7FFF8000, 0x0001FFFF
    padd.s16.s r0, r0, r1
    gives   0x7FFF8000, 0x0001FFFF

    case    "psub.u8.s", 0x00FF0180, 0x01010101
    psub.u8.s r0, r0, r1
    gives   0x00FE007F, 0x01010101

    case    "psub.s16.s", 0x80007FFF, 0x0001FFFF
    psub.s16.s r0, r0, r1
    gives   0x80007FFF, 0x0001FFFF

    case    "psub.8", 0x00010203, 0x01010101
    psub.8  r0, r0, r1
    gives   0xFF000102, 0x01010101

    case    "paddh.u8", 0xFFFF0001, 0xFF010001
    paddh.u8 r0, r0, r1
    gives   0xFF800001, 0xFF010001

    case    "paddh.s16", 0x7FFF8000, 0x7FFF8000
    paddh.s16 r0, r0, r1
    gives   0x7FFF8000, 0x7FFF8000

    case    "psubh.s8", 0x7F80FF00, 0x807F0000
    psubh.s8 r0, r0, r1
    gives   0x7F80FF00, 0x807F0000

    case    "pasx.16", 0x00030005, 0x00010002       /* high: 3 + 2; low: 5 - 1 */
    pasx.16 r0, r0, r1
    gives   0x00050004, 0x00010002

    case    "psax.16", 0x00030005, 0x00010002       /* high: 3 - 2; low: 5 + 1 */
    psax.16 r0, r0, r1
    gives   0x00010006, 0x00010002

    case    "pasx.s16.s", 0x7FFF8000, 0x00010001
    pasx.s16.s r0, r0, r1
    gives   0x7FFF8000, 0x00010001

    case    "pcmphs.u8", 0x01FF8000, 0x02FF7F00
    pcmphs.u8 r0, r0, r1
    gives   0x00FFFFFF, 0x02FF7F00

    case    "pcmplt.s16", 0xFFFF0001, 0x00000001
    pcmplt.s16 r0, r0, r1
    gives   0xFFFF0000, 0x00000001

    case    "pcmpne.16", 0x12345678, 0x12340000
    pcmpne.16 r0, r0, r1
    gives   0x0000FFFF, 0x12340000

    case    "pmax.u8 and pmin.u8", 0x01FF8000, 0x02FE7F00
    pmax.u8 r2, r0, r1
    pmin.u8 r3, r0, r1
    gives   0x01FF8000, 0x02FE7F00, 0x02FF8000, 0x01FE7F00

    case    "pmax.s16 and pmin.s16", 0x80000001, 0x0001FFFF
    pmax.s16 r2, r0, r1
    pmin.s16 r3, r0, r1
    gives   0x80000001, 0x0001FFFF, 0x00010001, 0x8000FFFF

    case    "psabsa.u8", 0x01020304, 0x04030201     /* 3 + 1 + 1 + 3 */
    psabsa.u8 r0, r0, r1
    gives   8, 0x04030201

    case    "psabsaa.u8", 0x01020304, 0x04030201, 100
    psabsaa.u8 r2, r0, r1
    gives   0x01020304, 0x04030201, 108

    case    "pabs.s16.s", 0x8000FFFF
    pabs.s16.s r0, r0
    gives   0x7FFF0001

    case    "pneg.s8.s", 0x807F01FF
    pneg.s8.s r0, r0
    gives   0x7F81FF01

    case    "pasri.s16.r", 0xFFFD0003               /* -1.5 up to -1, 1.5 up to 2 */
    pasri.s16.r r0, r0, 1
    gives   0xFFFF0002

    case    "plsri.u16", 0x80018001
    plsri.u16 r0, r0, 1
    gives   0x40004000

    case    "plsli.s16.s", 0x4000BFFF
    plsli.s16.s r0, r0, 1
    gives   0x7FFF8000

    case    "plsl.16", 0x80018001, 1
    plsl.16 r0, r0, r1
    gives   0x00020002, 1

    case    "pclipi.s16", 0x0100FEFF
    pclipi.s16 r0, r0, 8
    gives   0x007FFF80

    case    "pclipi.u16", 0x0100FEFF
    pclipi.u16 r0, r0, 8
    gives   0x00FF0000

    case    "pkg", 0x12345678, 0x9ABCDEF0
    pkg     r0, r0, 4, r1, 16
    gives   0x9ABC4567, 0x9ABCDEF0

    case    "pkgll and pkghh", 0x12345678, 0x9ABCDEF0
    pkgll   r2, r0, r1
    pkghh   r3, r0, r1
    gives   0x12345678, 0x9ABCDEF0, 0xDEF05678, 0x9ABC1234

    case    "pext.s8.e", 0x80017FFF
    pext.s8.e r2, r0
    gives   0x80017FFF, 0, 0x007FFFFF, 0xFF800001

    case    "pextx.u8.e", 0x80017FFF
    pextx.u8.e r2, r0
    gives   0x80017FFF, 0, 0x000100FF, 0x0080007F

    case    "narl and narh", 0x11223344, 0x55667788
    narl    r2, r0, r1
    narh    r3, r0, r1
    gives   0x11223344, 0x55667788, 0x66882244, 0x55771133

    case    "dexti", 0x12345678, 0x9ABCDEF0
    dexti   r0, r0, r1, 8
    gives   0xF0123456, 0x9ABCDEF0

    case    "dup.8 and dup.16", 0x11223344
    dup.8   r2, r0, 2
    dup.16  r3, r0, 1
    gives   0x11223344, 0, 0x22222222, 0x11221122

    case    "sel", 0x12345678, 0x9ABCDEF0, 0xFFFF0000
    sel     r0, r0, r1, r2
    gives   0x1234DEF0, 0x9ABCDEF0, 0xFFFF0000

    end_of_cases
