/* void run_on(uint32_t *top, void (*function)(void)) */
    .text
    .align  2
    .globl  run_on
run_on:
    mov     sp, r0
    jmp     r1
