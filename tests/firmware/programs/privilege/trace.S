/* Trace mode: an exception behind each instruction, or behind each that may branch. */
#include "check/cases.h"
#include "privilege/privilege.h"

#define TRACE_ALL  (1 << 14)
#define TRACE_FLOW (3 << 14)
#define USER       (1 << PSR_S_BIT)

/* Counts the trace exceptions from \label to the trap that ends it, into r0. */
.macro traced label, set, clear=0
    lrw     r12, trace_count
    movi    r13, 0
    st.w    r13, (r12, 0)
    catch   9f
    go_to   \label, \set, \clear
9:  lrw     r12, trace_count
    ld.w    r0, (r12, 0)
    ld.w    r1, (r12, 4)
    subu    r1, r1, r20             /* EPC of the first, from where it began */
.endm

    .text
    .align  2
straight:
    movi    r2, 1
    addi    r2, 2
    addi    r2, r2, 3
    trap    0

loop:
    movi    r3, 3
1:  addi    r2, 5
    bnezad  r3, 1b
    trap    0

calls:
    bsr     1f
    br      2f
1:  movi    r3, 9
    rts
2:  trap    0

    cases   trace

    case    "every instruction"
    lrw     r20, straight
    traced  straight, TRACE_ALL
    gives   3, 2, 6

    case    "in user mode, too"
    lrw     r20, straight
    traced  straight, TRACE_ALL, USER
    gives   3, 2, 6

    case    "a loop"
    lrw     r20, loop
    traced  loop, TRACE_ALL
    gives   7, 2, 15

    case    "a loop: the branches only"
    lrw     r20, loop
    traced  loop, TRACE_FLOW
    subi    r1, 4                   /* behind movi and addi */
    gives   3, -2, 15

    case    "straight code has no branches"
    lrw     r20, straight
    traced  straight, TRACE_FLOW
    movi    r1, 0
    gives   0, 0, 6

    case    "calls and returns"
    mov     r19, r15
    lrw     r20, calls
    traced  calls, TRACE_FLOW
    mov     r15, r19
    movi    r1, 0
    gives   3, 0, 0, 9

    end_of_cases
