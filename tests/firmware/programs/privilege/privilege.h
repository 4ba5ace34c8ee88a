/* How the assembly files of this program cause exceptions and look at them. */
#ifndef PRIVILEGE_PRIVILEGE_H
#define PRIVILEGE_PRIVILEGE_H

#define MISALIGNED  1
#define DIVISION    3
#define ILLEGAL     4
#define PRIVILEGE   5
#define BREAKPOINT  7
#define UNRECOVERABLE 8
#define TRAP_0      16

#define PSR_IE_BIT  6
#define PSR_MM_BIT  9
#define PSR_S_BIT   31

/* What note_entry has seen last, and what it does then. */
#define SEEN_VECTOR 0
#define SEEN_EPC    4
#define SEEN_EPSR   8
#define SEEN_PSR    12
#define SEEN_SP     16
#define GO_ON_AT    20
#define GO_ON_PSR   24
#define SEEN_SIZE   28

#ifdef __ASSEMBLER__

/* Lets the next exception go on at \label with the PSR of now. Changes r12 and r13, as all the others do. */
.macro catch label
    lrw     r12, seen
    lrw     r13, \label
    st.w    r13, (r12, GO_ON_AT)
    mfcr    r13, psr
    st.w    r13, (r12, GO_ON_PSR)
.endm

/* Goes to \label through rte with some bits of PSR set or cleared. */
.macro go_to label, set=0, clear=0
    mfcr    r12, psr
    psrclr  ie                      /* an interrupt would change EPC */
    lrw     r13, \set
    or      r12, r13
    lrw     r13, \clear
    andn    r12, r13
    mtcr    r12, epsr
    lrw     r12, \label
    mtcr    r12, epc
    rte
.endm

/* Adds 1 to r0 if the last exception was \vector, raised at \label. */
.macro tally vector, label
    lrw     r12, seen
    ld.w    r13, (r12, SEEN_VECTOR)
    cmpnei  r13, \vector
    bt      5f
    ld.w    r13, (r12, SEEN_EPC)
    lrw     r12, \label
    cmpne   r12, r13
    bt      5f
    addi    r0, 1
5:
.endm

/* Adds 1 to r0 if the instruction raises \vector in the present mode. */
.macro raises vector, instruction:vararg
    catch   4f
3:  \instruction
4:  tally   \vector, 3b
.endm

/* Adds 1 to r0 if user mode may not execute the instruction. */
.macro refused instruction:vararg
    catch   4f
    go_to   3f, clear=1 << PSR_S_BIT
3:  \instruction
4:  tally   PRIVILEGE, 3b
.endm

#else

/* entry.S: the handlers. */
void note_entry(void);
void nesting_entry(void);
void trace_entry(void);

#endif
#endif
