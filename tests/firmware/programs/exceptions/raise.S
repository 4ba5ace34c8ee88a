/* Each trigger says where to go on, raises its exception, and returns from there. */

    .section .bss.seen, "aw", @nobits
    .align  2
    .globl  seen_vector, seen_pc
seen_vector:  .space 4
seen_pc:      .space 4
go_on_at:     .space 4
go_on_psr:    .space 4

    .text
    .align  2
    .globl  catch_entry
/* r12 and r13 belong to whoever uses them first: no trigger does. */
catch_entry:
    mfcr    r12, psr
    zext    r12, r12, 23, 16
    lrw     r13, seen_vector
    st.w    r12, (r13, 0)
    mfcr    r12, epc
    st.w    r12, (r13, 4)
    ld.w    r12, (r13, 8)           /* go_on_at */
    mtcr    r12, epc
    ld.w    r12, (r13, 12)          /* go_on_psr */
    mtcr    r12, epsr
    rte

/* `name`, then the instruction at the label 1, then the way back at 2. */
.macro begin name
\name:
    lrw     r0, go_on_at
    lrw     r1, 2f
    st.w    r1, (r0, 0)
    mfcr    r1, psr
    st.w    r1, (r0, 4)
.endm

.macro finish name
2:  rts
    .section .rodata.triggers, "a"
    .long   \name, 1b
    .text
.endm

    .section .rodata.triggers, "a"
    .align  2
    .globl  triggers
triggers:
    .text

begin misaligned
    bclri   r1, 9                   /* MM = 0: unaligned accesses raise */
    mtcr    r1, psr
    lrw     r0, 0x20000001
1:  ld.w    r1, (r0, 0)
finish misaligned

begin access_error
    movih   r0, 0x1000              /* nothing is there */
1:  ld.w    r1, (r0, 0)
finish access_error

begin division
    movi    r0, 0
1:  divu    r1, r0, r0
finish division

begin illegal
1:  .long   0xFFFFFFFF
finish illegal

begin privilege
    bclri   r1, 31                  /* S = 0: go on in user mode */
    lrw     r0, 1f
    mtcr    r1, epsr
    mtcr    r0, epc
    rte
1:  mtcr    r0, epc
finish privilege

begin breakpoint
1:  bkpt
finish breakpoint

begin trap_0
1:  trap    0
finish trap_0

begin trap_1
1:  trap    1
finish trap_1

begin trap_2
1:  trap    2
finish trap_2

begin trap_3
1:  trap    3
finish trap_3
