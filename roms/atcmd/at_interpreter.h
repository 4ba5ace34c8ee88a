/* The command line on both UARTs. */
#ifndef ATCMD_AT_INTERPRETER_H
#define ATCMD_AT_INTERPRETER_H

#include <stdbool.h>

/* Starts the task that reads, runs and answers commands; every answer goes where its command came from. */
void at_start(void);

/* Whether what is typed is sent back. */
extern bool at_echo;

#endif
