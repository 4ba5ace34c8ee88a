/* Interrupts of all priorities at high rates, within each other, while tasks are switched: is anything lost? */
#include <stdint.h>

#include "check/check.h"
#include "interrupts/hold.h"
#include "interrupts/sources.h"
#include "kernel/interrupts.h"
#include "kernel/kernel.h"
#include "runtime/format.h"
#include "start/system.h"

#define STACK_WORDS  256u
#define BELOW_MAIN   3
#define LOOPS        15u

/* How long each part takes; a debugger or a test may change it before app_main(). */
volatile uint32_t rounds_of_a_part = 10;

static struct semaphore may_work;
static volatile bool is_working;

struct worker {
    uint32_t (*hold)(uint32_t seed, uint32_t loops);
    volatile uint32_t rounds;
    volatile uint32_t losses;
};

static struct worker workers[2] = {{.hold = hold_registers}, {.hold = hold_all_registers}};

static void work(void *argument)
{
    struct worker *worker = argument;

    for (uint32_t seed = 1;; seed += 0x10001u) {
        if (!is_working) {
            semaphore_take(&may_work, FOREVER);
        }
        worker->losses += worker->hold(seed, LOOPS) != 0;
        worker->rounds++;
    }
}

/* False if a handler runs between disabling and restoring. */
static bool is_left_alone(void)
{
    const uint32_t psr = interrupts_disable();
    const uint32_t served = seen.served[LEVELS - 1];

    sources_raise(LEVELS - 1);
    const bool is_lost = hold_registers(7, LOOPS) != 0;
    const bool is_alone = seen.served[LEVELS - 1] == served;
    interrupts_restore(psr);
    return is_alone && !is_lost;
}

static void checked(const char *part, const char *what, bool is_good)
{
    char name[64];

    format_text(name, sizeof name, "%s: %s", part, what);
    check(name, is_good);
}

static void run_part(const char *part, bool has_own_stack)
{
    bool is_alone = true, is_at_once = true, is_all_served = true;
    uint32_t rounds[2];

    for (uint32_t n = 0; n < 2; n++) {
        rounds[n] = workers[n].rounds;
        workers[n].losses = 0;
        semaphore_give(&may_work);
    }
    is_working = true;
    sources_start(has_own_stack);
    for (uint32_t round = 0; round < rounds_of_a_part; round++) {
        const uint32_t served = seen.served[LEVELS - 1];

        sources_raise(LEVELS - 1);
        (void)hold_registers(round, 2);
        is_at_once &= seen.served[LEVELS - 1] == served + 1;
        is_alone &= is_left_alone();
        task_sleep_ms(2); /* ticks */
    }
    is_working = false;
    sources_stop();
    for (uint32_t level = 0; level < LEVELS; level++) {
        is_all_served &= seen.raised[level] == 2 * rounds_of_a_part && seen.served[level] == seen.raised[level];
    }
    checked(part, "served at once", is_at_once);
    checked(part, "not while disabled", is_alone);
    checked(part, "each served once", is_all_served);
    checked(part, "by priority", !seen.is_order_broken && seen.deepest == LEVELS);
    checked(part, "without delay", !seen.is_nesting_late);
    checked(part, "on the right stack", !seen.is_stack_wrong);
    checked(part, "registers of handlers", !seen.are_registers_lost);
    checked(part, "registers of tasks", workers[0].losses == 0 && workers[1].losses == 0);
    checked(part, "tasks take turns", workers[0].rounds > rounds[0] && workers[1].rounds > rounds[1]);
    checked(part, "timers", sources_lost_nothing());
}

void app_main(void)
{
    static struct task tasks[2];
    static uint32_t stacks[2][STACK_WORDS];

    log_version();
    sources_prepare();
    for (uint32_t n = 0; n < 2; n++) {
        task_create(&tasks[n], "worker", BELOW_MAIN, work, &workers[n], stacks[n], STACK_WORDS);
    }
    run_part("own stack", true);
    run_part("common stack", false);
    check_done();
}
