/* Entry of every interrupt, and of the exception that switches tasks.
 *
 * All C code is compiled with -mno-high-registers: r16 to r31 are nobody's, and need no saving.
 */

/* In SRAM, as whatever an interrupt starts: the flash may be busy. */
    .section .ram_code, "ax"
    .align  2
    .globl  interrupt_entry
    .type   interrupt_entry, @function
interrupt_entry:
    nie                             /* push EPSR and EPC, allow nesting */
    ipush                           /* push r0-r3, r12, r13 */
    push    r15
    bsr     interrupt_dispatch
    ld.w    r15, (sp, 0)
    addi    sp, 4
    ipop
    nir
    .size   interrupt_entry, . - interrupt_entry

    .text

/* Exception 22. It comes when interrupts are enabled and none is active, so on a task's own stack.
 * The frame, from low addresses: r0 to r13, r15, EPSR, EPC; kernel.c builds the same for a new task. */
    .align  2
    .globl  task_switch_entry
    .type   task_switch_entry, @function
task_switch_entry:
    subi    sp, 68
    stm     r0-r13, (sp)
    st.w    r15, (sp, 56)
    mfcr    r0, epsr
    st.w    r0, (sp, 60)
    mfcr    r0, epc
    st.w    r0, (sp, 64)
    mov     r0, sp
    bsr     kernel_switch           /* gives the next task's stack pointer for this one's */

    .globl  task_resume             /* void task_resume(uint32_t *stack_pointer), for the first task */
    .type   task_resume, @function
task_resume:
    mov     sp, r0
    ld.w    r0, (sp, 64)
    mtcr    r0, epc
    ld.w    r0, (sp, 60)
    mtcr    r0, epsr
    ld.w    r15, (sp, 56)
    ldm     r0-r13, (sp)
    addi    sp, 68
    rte
    .size   task_switch_entry, . - task_switch_entry
