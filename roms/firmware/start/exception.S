/* Entry of every exception that means a bug. It saves r0-r15, EPSR and EPC for the report. */

    .text
    .align  2
    .globl  exception_entry
    .type   exception_entry, @function
exception_entry:
    subi    sp, 72
    stm     r0-r13, (sp)
    addi    r0, sp, 72              /* the stack pointer as it was */
    st.w    r0, (sp, 56)
    st.w    r15, (sp, 60)
    mfcr    r0, epsr
    st.w    r0, (sp, 64)
    mfcr    r0, epc
    st.w    r0, (sp, 68)
    mov     r0, sp
    bsr     exception_report        /* does not return */
    br      .
    .size   exception_entry, . - exception_entry
