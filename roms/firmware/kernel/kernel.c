/* The scheduler. Its lists change with interrupts off; the switch itself is exception 22 (interrupts.S). */
#include "kernel/kernel.h"

#include "kernel/interrupts.h"

#define NEW_TASK_PSR 0x80000340u /* S, MM, EE and IE, as port.c of wm_iot_sdk gives it */
#define FRAME_WORDS  17          /* r0-r13, r15, EPSR, EPC: see interrupts.S */

void task_resume(uint32_t *stack_pointer) __attribute__((noreturn));
void kernel_reschedule(void);
void kernel_make_ready(struct task *task, bool timed_out);

static struct task idle_task;
static uint32_t idle_stack[64];
static struct task *current;
static volatile uint32_t ticks;
static uint32_t lock_depth;
static bool is_running;
static bool switch_is_due;

/* Asks for a task switch, which comes when no interrupt is active and interrupts are enabled. */
RAM_CODE void kernel_reschedule(void)
{
    switch_is_due = lock_depth > 0;
    if (lock_depth == 0 && is_running) {
        VIC->task_pending = 1;
    }
}

RAM_CODE void kernel_make_ready(struct task *task, bool timed_out)
{
    task->state = TASK_READY;
    task->waits_for = 0;
    task->has_wake_tick = false;
    task->timed_out = timed_out;
    if (task->priority >= current->priority) {
        kernel_reschedule();
    }
}

/* Called with interrupts off; the task waits from the moment they are on again. */
static void current_waits(const void *object, uint32_t timeout_ms)
{
    current->state = TASK_WAITING;
    current->waits_for = object;
    current->has_wake_tick = timeout_ms != FOREVER;
    current->wake_tick = ticks + timeout_ms;
    kernel_reschedule();
}

/* Called by task_switch_entry: puts one task's stack pointer away and hands out the next one's. */
uint32_t *kernel_switch(uint32_t *stack_pointer)
{
    struct task *best = &idle_task;

    current->stack_pointer = stack_pointer;
    for (struct task *task = current->next;; task = task->next) {
        if (task->state == TASK_READY && task->priority > best->priority) {
            best = task; /* the first after the current one: equals take turns */
        }
        if (task == current) {
            break;
        }
    }
    current = best;
    return current->stack_pointer;
}

RAM_CODE static void on_tick(void *unused)
{
    (void)unused;
    (void)CORE_TIMER->control; /* clears COUNTFLAG */
    ticks++;
    for (struct task *task = current->next;; task = task->next) {
        if (task->has_wake_tick && (int32_t)(ticks - task->wake_tick) >= 0) {
            kernel_make_ready(task, true);
        } else if (task != current && task->state == TASK_READY && task->priority == current->priority) {
            kernel_reschedule(); /* the next one's turn */
        }
        if (task == current) {
            break;
        }
    }
}

static void idle(void *unused)
{
    (void)unused;
    for (;;) {
        wait_for_interrupt();
    }
}

static void task_end(void)
{
    interrupts_disable();
    current->state = TASK_ENDED;
    kernel_reschedule();
    interrupts_restore(PSR_IE);
    for (;;) {
    }
}

void task_create(struct task *task, const char *name, uint8_t priority, void (*entry)(void *), void *argument,
                 uint32_t *stack, uint32_t stack_words)
{
    uint32_t *frame = stack + stack_words - FRAME_WORDS;
    const uint32_t psr = interrupts_disable();

    if (!current) {
        current = task->next = task; /* the first task of all begins the ring */
    }
    frame[0] = (uint32_t)argument;
    frame[14] = (uint32_t)task_end;
    frame[15] = NEW_TASK_PSR;
    frame[16] = (uint32_t)entry;
    task->stack_pointer = frame;
    task->name = name;
    task->priority = priority;
    task->next = current->next;
    current->next = task;
    kernel_make_ready(task, false);
    interrupts_restore(psr);
}

void kernel_start(uint32_t cpu_hz)
{
    task_create(&idle_task, "idle", 0, idle, 0, idle_stack, sizeof idle_stack / sizeof idle_stack[0]);
    interrupt_attach(INTERRUPT_CORE_TIMER, on_tick, 0);
    CORE_TIMER->reload = cpu_hz / TICKS_PER_SECOND - 1;
    CORE_TIMER->value = 0;
    CORE_TIMER->control = CORE_TIMER_CPU_CLOCK | CORE_TIMER_INTERRUPT | CORE_TIMER_ENABLE;
    is_running = true;
    current = &idle_task;
    task_resume(kernel_switch(idle_task.stack_pointer));
}

RAM_CODE uint32_t kernel_ticks(void)
{
    return ticks;
}

RAM_CODE bool kernel_is_running(void)
{
    return is_running;
}

void kernel_lock(void)
{
    lock_depth++; /* one task at a time: the others do not run once it is above 0 */
}

void kernel_unlock(void)
{
    const uint32_t psr = interrupts_disable();
    lock_depth--;
    if (lock_depth == 0 && switch_is_due) {
        kernel_reschedule();
    }
    interrupts_restore(psr);
}

void task_sleep_ms(uint32_t duration_ms)
{
    const uint32_t psr = interrupts_disable();
    current_waits(0, duration_ms);
    interrupts_restore(psr);
}

bool semaphore_take(struct semaphore *semaphore, uint32_t timeout_ms)
{
    const uint32_t psr = interrupts_disable();
    bool taken = true;

    if (semaphore->count > 0) {
        semaphore->count--;
    } else {
        current_waits(semaphore, timeout_ms);
        interrupts_restore(psr); /* other tasks run here */
        interrupts_disable();
        taken = !current->timed_out;
    }
    interrupts_restore(psr);
    return taken;
}

RAM_CODE void semaphore_give(struct semaphore *semaphore)
{
    const uint32_t psr = interrupts_disable();
    struct task *waiter = 0;

    for (struct task *task = current->next;; task = task->next) {
        if (task->waits_for == semaphore && (!waiter || task->priority > waiter->priority)) {
            waiter = task;
        }
        if (task == current) {
            break;
        }
    }
    if (waiter) {
        kernel_make_ready(waiter, false); /* it has the unit now, nobody can come first */
    } else {
        semaphore->count++;
    }
    interrupts_restore(psr);
}
