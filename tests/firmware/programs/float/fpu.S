/* The instructions of the FPU one by one, and those that C does not make. */
#ifdef __CSKY_HARD_FLOAT__
#include "check/cases.h"

#define HALF        0x3F000000
#define ONE         0x3F800000
#define TWO         0x40000000
#define THREE       0x40400000
#define FIVE        0x40A00000
#define SIX         0x40C00000
#define SEVEN       0x40E00000
#define MINUS       0x80000000
#define NOT_A_NUMBER 0x7FC00000

    .section .bss.singles, "aw", @nobits
    .align  2
singles: .space 16

/* fr0 to fr2 are r0 to r2. */
.macro float_case name, a=0, b=0, c=0
    case    "\name", \a, \b, \c
    fmtvrl  fr0, r0
    fmtvrl  fr1, r1
    fmtvrl  fr2, r2
.endm

/* fr0 in r0; the operands are not looked at any more. */
.macro float_gives a
    fmfvrl  r0, fr0
    movi    r1, 0
    movi    r2, 0
    gives   \a
.endm

/* C in r0. */
.macro condition_gives c
    mvc     r0
    movi    r1, 0
    movi    r2, 0
    gives   \c
.endm

    cases   fpu_instructions

    float_case "fmacs", ONE, TWO, THREE
    fmacs   fr0, fr1, fr2
    float_gives SEVEN

    float_case "fmacs rounds the product", 0xBF800002, 0x3F800001, 0x3F800001
    fmacs   fr0, fr1, fr2
    float_gives 0

    float_case "fmscs", ONE, TWO, THREE
    fmscs   fr0, fr1, fr2
    float_gives FIVE

    float_case "fnmacs", ONE, TWO, THREE
    fnmacs  fr0, fr1, fr2
    float_gives FIVE | MINUS

    float_case "fnmscs", ONE, TWO, THREE
    fnmscs  fr0, fr1, fr2
    float_gives SEVEN | MINUS

    float_case "fnmuls", 0, TWO, THREE
    fnmuls  fr0, fr1, fr2
    float_gives SIX | MINUS

    float_case "fsqrts", TWO
    fsqrts  fr0, fr0
    float_gives 0x3FB504F3

    float_case "frecips", TWO
    frecips fr0, fr0
    float_gives HALF

    float_case "fabss", SIX | MINUS
    fabss   fr0, fr0
    float_gives SIX

    float_case "fnegs", 0
    fnegs   fr0, fr0
    float_gives MINUS

    float_case "fmovs", 0, SIX
    fmovs   fr0, fr1
    float_gives SIX

    float_case "fmovis"
    fmovis  fr0, 1.5
    float_gives 0x3FC00000

    float_case "fstosi.rn, a tie", 0x40200000       /* 2.5 */
    fstosi.rn fr0, fr0
    float_gives 2

    float_case "fstosi.rz", 0xC0333333              /* -2.8 */
    fstosi.rz fr0, fr0
    float_gives -2

    float_case "fstosi.rpi", 0x40066666             /* 2.1 */
    fstosi.rpi fr0, fr0
    float_gives 3

    float_case "fstosi.rni", 0xC0066666             /* -2.1 */
    fstosi.rni fr0, fr0
    float_gives -3

    float_case "fstosi saturates", 0x4F32D05E       /* 3e9 */
    fstosi.rz fr0, fr0
    float_gives 0x7FFFFFFF

    float_case "fstoui saturates", ONE | MINUS
    fstoui.rz fr0, fr0
    float_gives 0

    float_case "fsitos", -7
    fsitos  fr0, fr0
    float_gives SEVEN | MINUS

    float_case "fuitos", 0xFFFFFF00
    fuitos  fr0, fr0
    float_gives 0x4F7FFFFF

    float_case "fcmphss", TWO, TWO
    fcmphss fr0, fr1
    condition_gives 1

    float_case "fcmplts", TWO, ONE
    fcmplts fr0, fr1
    condition_gives 0

    float_case "fcmpnes", NOT_A_NUMBER, NOT_A_NUMBER
    fcmpnes fr0, fr1
    condition_gives 1

    float_case "fcmpuos", ONE, NOT_A_NUMBER
    fcmpuos fr0, fr1
    condition_gives 1

    float_case "fcmpzhss of -0", MINUS
    fcmpzhss fr0
    condition_gives 1

    float_case "fcmpzlss", ONE
    fcmpzlss fr0
    condition_gives 0

    case    "fsts and flds", ONE, TWO
    lrw     r12, singles
    fmtvrl  fr0, r0
    fmtvrl  fr1, r1
    fsts    fr0, (r12, 4)
    fsts    fr1, (r12, 8)
    flds    fr3, (r12, 4)
    fmfvrl  r2, fr3
    ld.w    r3, (r12, 8)
    gives   ONE, TWO, ONE, TWO

    case    "fstrs and fldrs", ONE, TWO, 2
    lrw     r12, singles
    fmtvrl  fr0, r0
    fstrs   fr0, (r12, r2 << 2)
    ld.w    r3, (r12, 8)
    st.w    r1, (r12, 8)
    fldrs   fr0, (r12, r2 << 2)
    fmfvrl  r0, fr0
    gives   TWO, TWO, 2, ONE

    case    "fstms and fldms", ONE, TWO, THREE
    lrw     r12, singles
    fmtvrl  fr4, r0
    fmtvrl  fr5, r1
    fmtvrl  fr6, r2
    fstms   fr4-fr6, (r12)
    fldms   fr0-fr2, (r12)
    fmfvrl  r3, fr2
    ld.w    r1, (r12, 4)
    fmfvrl  r0, fr0
    gives   ONE, TWO, THREE, THREE

    case    "rounding towards zero and up", ONE, THREE
    fmtvrl  fr0, r0
    fmtvrl  fr1, r1
    mfcr    r12, fcr
    lrw     r2, 0x01000000
    mtcr    r2, fcr
    fdivs   fr2, fr0, fr1
    lrw     r2, 0x02000000
    mtcr    r2, fcr
    fdivs   fr3, fr0, fr1
    mtcr    r12, fcr
    fmfvrl  r2, fr2
    fmfvrl  r3, fr3
    gives   ONE, THREE, 0x3EAAAAAA, 0x3EAAAAAB

    end_of_cases
#endif
