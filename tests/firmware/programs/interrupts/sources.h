/* Where the interrupts come from, and what is seen of them. */
#ifndef INTERRUPTS_SOURCES_H
#define INTERRUPTS_SOURCES_H

#include <stdbool.h>
#include <stdint.h>

#define LEVELS       4u /* software interrupts: lines 0 to 3 with the priorities 0 (most urgent) to 3 */
#define TIMERS_USED  3u
#define TICK_US      50u

struct seen {
    uint32_t raised[LEVELS];
    uint32_t served[LEVELS];
    uint32_t expired[TIMERS_USED];
    uint32_t deepest;              /* handlers within each other */
    uint32_t ticks;                /* from sources_start() to sources_stop() */
    bool is_order_broken;          /* a handler ran inside one as urgent or more so */
    bool is_nesting_late;          /* a more urgent handler did not run at once */
    bool is_stack_wrong;           /* a handler was not on the stack that CHR.ISE says */
    bool are_registers_lost;       /* of a handler */
};

extern volatile struct seen seen;

/* Sets up what stays. */
void sources_prepare(void);

/* Begins: nothing seen, timers running, a tick each TICK_US. `has_own_stack` sets CHR.ISE. */
void sources_start(bool has_own_stack);
void sources_stop(void);

/* Requests the software interrupt of a level. */
void sources_raise(uint32_t level);

/* Whether each timer expired as often as its period and the ticks make. */
bool sources_lost_nothing(void);

#endif
