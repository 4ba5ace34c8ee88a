/* A machine with a stack and a byte code, and programs for it: a switch in a loop. */
#include "benchmark.h"

enum instruction { PUSH, LOAD, STORE, ADD, SUBTRACT, MULTIPLY, XOR, LESS, JUMP, JUMP_IF_ZERO, DUPLICATE, DROP, END };

const uint32_t benchmark_rounds = 690;

/* Places in the program. */
enum { LOOP = 8, LARGE = 38, NEXT = 47, DONE = 56 };

/* Variable 0 counts down, 1 and 2 are Fibonacci's numbers, 3 is a checksum. */
static const uint8_t program[] = {
    PUSH, 1, STORE, 1, PUSH, 1, STORE, 2,
    [LOOP] = LOAD, 0, JUMP_IF_ZERO, DONE,
    LOAD, 1, DUPLICATE, LOAD, 2, ADD, STORE, 1, STORE, 2,
    LOAD, 2, PUSH, 100, LESS, JUMP_IF_ZERO, LARGE,
    LOAD, 3, PUSH, 7, MULTIPLY, STORE, 3, JUMP, NEXT,
    [LARGE] = LOAD, 3, LOAD, 2, XOR, DUPLICATE, DROP, STORE, 3,
    [NEXT] = LOAD, 0, PUSH, 1, SUBTRACT, STORE, 0, JUMP, LOOP,
    [DONE] = END,
};

static SEPARATE uint32_t interpret(const uint8_t *code, uint32_t variables[4])
{
    uint32_t stack[16], *top = stack, place = 0, steps = 0;

    for (;; steps++) {
        switch ((enum instruction)code[place++]) {
        case PUSH: *++top = code[place++]; break;
        case LOAD: *++top = variables[code[place++]]; break;
        case STORE: variables[code[place++]] = *top--; break;
        case ADD: top--; *top += top[1]; break;
        case SUBTRACT: top--; *top -= top[1]; break;
        case MULTIPLY: top--; *top *= top[1]; break;
        case XOR: top--; *top ^= top[1]; break;
        case LESS: top--; *top = *top < top[1]; break;
        case JUMP: place = code[place]; break;
        case JUMP_IF_ZERO: place = *top-- ? place + 1 : code[place]; break;
        case DUPLICATE: top++; *top = top[-1]; break;
        case DROP: top--; break;
        default: return steps;
        }
    }
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t variables[4] = {0, 0, 0, 1};

    for (; rounds > 0; rounds--) {
        variables[0] = 200;
        variables[3] += interpret(program, variables);
    }
    return variables[3];
}
