/* The benchmark as an application of the W800: vectors, a stack, zeroed .bss, and no interrupts. */
    .section .vectors, "a"
    .align  10
    .rept   64
    .long   start
    .endr

    .text
    .align  2
    .globl  start, benchmark_done
    .type   start, @function
start:
    lrw     r0, 0x80000200          /* PSR: supervisor, unaligned accesses allowed, interrupts off */
    mtcr    r0, psr
    lrw     sp, stack_top
    lrw     r0, bss_start
    lrw     r1, bss_end
    movi    r2, 0
1:  cmphs   r0, r1
    bt      2f
    st.w    r2, (r0, 0)
    addi    r0, 4
    br      1b
2:  bsr     benchmark
benchmark_done:
    br      benchmark_done
    .size   start, . - start
