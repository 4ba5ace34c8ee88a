/* Whoever loads the program gives it a stack, zeroed memory and in w0 the number of rounds; the checksum is there at
 * benchmark_done. */
    .file   "start_aarch64.S"
    .text
    .globl  benchmark_call, benchmark_done
    .type   benchmark_call, %function
benchmark_call:
    bl      benchmark
benchmark_done:
    b       benchmark_done
    .size   benchmark_call, . - benchmark_call
