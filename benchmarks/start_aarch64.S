/* Whoever loads the program gives it a stack and zeroed memory. */
    .text
    .globl  start, benchmark_done
    .type   start, %function
start:
    bl      benchmark
benchmark_done:
    b       benchmark_done
    .size   start, . - start
