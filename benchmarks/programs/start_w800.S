/* An application of the W800: vectors, a stack, the program's code where it shall run, zeroed .bss, no interrupts.
 * Who runs the benchmark puts the number of rounds into r0 at benchmark_call and finds the checksum there at
 * benchmark_done; another run begins there. */
    .file   "start_w800.S"
    .section .startup, "ax"
    .align  10
    .rept   64
    .long   start
    .endr

    .globl  start, benchmark_call, benchmark_done
    .type   start, @function
start:
    lrw     r0, 0x80000200          /* PSR: supervisor, unaligned accesses allowed, interrupts off */
    mtcr    r0, psr
    lrw     sp, stack_top
    lrw     r0, program_start
    lrw     r1, program_end
    lrw     r2, program_load
    cmpne   r0, r2
    bf      2f                      /* it stays in flash */
1:  ld.w    r3, (r2, 0)
    st.w    r3, (r0, 0)
    addi    r2, 4
    addi    r0, 4
    cmphs   r0, r1
    bf      1b
2:  lrw     r0, bss_start
    lrw     r1, bss_end
    movi    r2, 0
3:  cmphs   r0, r1
    bt      benchmark_call
    st.w    r2, (r0, 0)
    addi    r0, 4
    br      3b
benchmark_call:
    lrw     r1, benchmark
    jsr     r1
benchmark_done:
    br      benchmark_call
    .size   start, . - start
