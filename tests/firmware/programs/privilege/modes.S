/* User and supervisor mode, their stack pointers, and the ways back from exceptions. */
#include "check/cases.h"
#include "privilege/privilege.h"

#define SUPERVISOR (1 << PSR_S_BIT)
#define USER_SP cr<14, 1>

    .section .bss.user_stack, "aw", @nobits
    .align  3
    .space  32
user_stack_top:

    .text
/* Where "a stack pointer each" runs in user mode; r19 tells the supervisor's. */
in_user_mode:
    mov     r0, sp
    subu    r1, r19, sp
    subi    sp, 8
    trap    0

    cases   modes

    case    "a stack pointer each"
    lrw     r0, user_stack_top
    mtcr    r0, USER_SP
    mov     r18, sp
    mov     r19, sp
    catch   2f
    go_to   in_user_mode, clear=SUPERVISOR
2:  lrw     r12, user_stack_top
    subu    r0, r12
    zext    r1, r1, 0, 0            /* it was another one: even */
    mfcr    r2, USER_SP
    subu    r2, r12, r2
    subu    r3, r18, sp
    gives   0, 0, 8, 0

    case    "an exception in user mode is served on the supervisor's stack"
    mov     r18, sp
    catch   2f
    go_to   in_user_mode, clear=SUPERVISOR
2:  lrw     r12, seen
    ld.w    r0, (r12, SEEN_SP)
    subu    r0, r18, r0
    ld.w    r1, (r12, SEEN_EPSR)
    lsri    r1, 31
    ld.w    r2, (r12, SEEN_PSR)
    lsri    r2, 31
    movi    r3, 0
    gives   0, 0, 1

    case    "writing the user's stack pointer leaves the supervisor's alone"
    mov     r18, sp
    lrw     r0, 0x20001230
    mtcr    r0, USER_SP
    mfcr    r0, USER_SP
    subu    r1, r18, sp
    gives   0x20001230

    case    "what user mode may not do"
    refused mfcr r1, psr
    refused mfcr r1, epc
    refused mtcr r1, psr
    refused mtcr r1, vbr
    refused psrset ie
    refused psrclr ie
    refused rte
    refused rfi
    refused wait
    refused doze
    refused stop
    gives   11

    case    "what user mode may do"
    catch   2f
    go_to   1f, clear=SUPERVISOR
1:  movi    r0, 5
    lrw     r12, user_stack_top - 4
    st.w    r0, (r12, 0)
    ld.w    r1, (r12, 0)
    mult    r1, r1, r0
    sync
    cmplti  r1, 26
    mvc     r2
    trap    1
2:  gives   5, 25, 1

    case    "rfi goes to FPC with the PSR in FPSR"
    mfcr    r0, psr
    psrclr  ie
    clrc
    mtcr    r0, fpsr
    lrw     r12, 1f
    mtcr    r12, fpc
    rfi
    movi    r1, 1
1:  mfcr    r2, psr
    subu    r0, r2
    movi    r2, 0
    gives   0

    case    "psrset and psrclr"
    mfcr    r3, psr
    psrclr  ee, ie
    mfcr    r0, psr
    zext    r0, r0, 8, 6
    psrset  ee
    mfcr    r1, psr
    zext    r1, r1, 8, 6
    psrset  ie
    mfcr    r2, psr
    zext    r2, r2, 8, 6
    movi    r3, 0
    gives   0, 4, 5

    case    "nie, ipush, ipop and nir around a nested trap", 11, 22, 33, 44
    movi    r12, 55
    movi    r13, 66
    mov     r20, sp
    trap    2                       /* to nesting_entry */
    subu    r18, r20, r18           /* nie 8, ipush 24 */
    subu    r19, r20, r19
    subu    r20, r20, sp
    addu    r3, r18
    addu    r3, r19
    addu    r3, r20
    addu    r2, r12
    addu    r2, r13
    gives   11, 22, 33 + 55 + 66, 44 + 32 + 8 + 0

    end_of_cases
