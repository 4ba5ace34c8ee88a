/* void run_code(void (*code)(void), uint32_t *registers) */

    .text
    .align  2
    .globl  run_code
    .type   run_code, @function
run_code:
    push    r4-r5, r15
    mov     r4, r0
    mov     r5, r1
    ldm     r0-r3, (r5)
    jsr     r4
    stm     r0-r3, (r5)
    pop     r4-r5, r15
    .size   run_code, . - run_code
