/* Handlers. They use r16 to r19, which nobody else does. */
#include "privilege/privilege.h"

    .section .bss.seen, "aw", @nobits
    .align  2
    .globl  seen, trace_count, trace_first
seen:        .space SEEN_SIZE
trace_count: .space 4
trace_first: .space 4               /* EPC of the first trace exception */

    .text
    .align  2
    .globl  note_entry
    .type   note_entry, @function
note_entry:
    lrw     r16, seen
    st.w    sp, (r16, SEEN_SP)
    mfcr    r17, psr
    st.w    r17, (r16, SEEN_PSR)
    zext    r17, r17, 23, 16
    st.w    r17, (r16, SEEN_VECTOR)
    mfcr    r17, epc
    st.w    r17, (r16, SEEN_EPC)
    mfcr    r17, epsr
    st.w    r17, (r16, SEEN_EPSR)
    ld.w    r17, (r16, GO_ON_AT)
    mtcr    r17, epc
    ld.w    r17, (r16, GO_ON_PSR)
    mtcr    r17, epsr
    rte
    .size   note_entry, . - note_entry

/* Behind a trap: nests another trap into this one. */
    .globl  nesting_entry
    .type   nesting_entry, @function
nesting_entry:
    mfcr    r16, epc
    addi    r16, 4                  /* behind the trap instruction */
    mtcr    r16, epc
    nie
    ipush
    movi    r0, 0
    movi    r1, 0
    movi    r2, 0
    movi    r3, 0
    catch   1f
    trap    0                       /* changes EPC and EPSR */
1:  movi    r12, 0
    movi    r13, 0
    mov     r18, sp
    ipop
    mov     r19, sp
    nir
    .size   nesting_entry, . - nesting_entry

/* Counts; trace mode goes on. */
    .globl  trace_entry
    .type   trace_entry, @function
trace_entry:
    lrw     r16, trace_count
    ld.w    r17, (r16, 0)
    bnez    r17, 1f
    mfcr    r18, epc
    st.w    r18, (r16, 4)
1:  addi    r17, 1
    st.w    r17, (r16, 0)
    rte
    .size   trace_entry, . - trace_entry
