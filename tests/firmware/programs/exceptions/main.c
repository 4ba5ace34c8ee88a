/* Raises every exception an instruction can raise, and prints which vector was taken and where. */
#include <stdint.h>

#include "chip/memory_map.h"
#include "runtime/log.h"
#include "start/system.h"

#define TAG "exceptions"

struct trigger {
    void (*raise)(void);
    const char *where; /* the instruction that raises */
};

/* raise.S */
extern uint32_t seen_vector;
extern const char *seen_pc;
extern const struct trigger triggers[];
void catch_entry(void);

static const char *const names[] = {
    "misaligned access", "access error", "division by zero", "illegal instruction", "privilege violation",
    "breakpoint",        "trap 0",       "trap 1",           "trap 2",              "trap 3",
};

static void catch_everything(void)
{
    extern void (*__vectors_in_ram[])(void);

    for (uint32_t vector = 1; vector < 20; vector++) {
        __vectors_in_ram[vector] = catch_entry;
    }
}

void app_main(void)
{
    log_version();
    catch_everything();
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        seen_vector = 0;
        triggers[i].raise();
        log_info(TAG, "%s: vector %u, %s", names[i], seen_vector,
                 seen_pc == triggers[i].where ? "exact" : "somewhere else");
    }
    log_info(TAG, "done");
}
