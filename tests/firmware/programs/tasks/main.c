/* Leaves memory as FreeRTOS would with one task in each state, then crashes in the running one.
 *
 * Only what a debugger looks at is here: variables and members have FreeRTOS's names; the order of the members is
 * another one, as some configurations make it. The debug information of this file tells it. */
#include <stdint.h>

#include "runtime/log.h"
#include "runtime/string.h"
#include "start/system.h"
#include "tasks/frame.h"

#define PRIORITIES 6
#define STACK_WORDS 128
#define FILL 0xA5

struct xLIST_ITEM {
    uint32_t check;
    uint32_t xItemValue;
    struct xLIST_ITEM *pxNext, *pxPrevious;
    void *pvOwner;
    struct xLIST *pxContainer;
};

struct xLIST {
    uint32_t check;
    uint32_t uxNumberOfItems;
    struct xLIST_ITEM *pxIndex;
    struct xLIST_ITEM xListEnd;
};

struct tskTaskControlBlock {
    uint32_t *pxTopOfStack;
    uint32_t uxPriority;
    struct xLIST_ITEM xStateListItem, xEventListItem;
    uint32_t *pxStack;
    char pcTaskName[16];
    uint8_t ucNotifyState[1];
};

/* What the SDK's heap puts in front of a block. */
struct wm_heap_block {
    struct wm_heap_block *next_free_block;
    uint32_t block_size;
    void *heap;
    uint32_t caps, corruption_magic;
};

struct tskTaskControlBlock *volatile pxCurrentTCB;
static struct xLIST pxReadyTasksLists[PRIORITIES], xDelayedTaskList1, xDelayedTaskList2, xSuspendedTaskList,
    xTasksWaitingTermination;
static volatile uint32_t xSchedulerRunning;

enum { WORKER, IDLE, READER, LISTENER, NOTIFIED, PARKED, GONE, TASKS };
static struct tskTaskControlBlock tasks[TASKS];
static uint32_t worker_stack[STACK_WORDS], idle_stack[STACK_WORDS], other_stacks[TASKS][STACK_WORDS];
static union {
    struct wm_heap_block block;
    uint32_t words[6 + STACK_WORDS];
} heap __attribute__((aligned(8)));

static void make_list(struct xLIST *list)
{
    list->xListEnd.pxNext = list->xListEnd.pxPrevious = &list->xListEnd;
}

static void append(struct xLIST *list, struct xLIST_ITEM *item)
{
    item->pxNext = &list->xListEnd;
    item->pxPrevious = list->xListEnd.pxPrevious;
    item->pxPrevious->pxNext = list->xListEnd.pxPrevious = item;
    item->pxContainer = list;
    list->uxNumberOfItems++;
}

static struct tskTaskControlBlock *make_task(int number, const char *name, uint32_t priority, uint32_t *stack,
                                             struct xLIST *list)
{
    struct tskTaskControlBlock *task = &tasks[number];

    memset(stack, FILL, STACK_WORDS * sizeof *stack);
    memcpy(task->pcTaskName, name, strlen(name) + 1);
    task->uxPriority = priority;
    task->pxStack = stack;
    task->pxTopOfStack = stack + STACK_WORDS;
    task->xStateListItem.pvOwner = task->xEventListItem.pvOwner = task;
    append(list, &task->xStateListItem);
    return task;
}

/* What a task waits in, and who calls it. */
__attribute__((noinline)) static void wait_for_input(void)
{
    struct tskTaskControlBlock *task = &tasks[READER];

    task->pxTopOfStack = leave(task->pxStack + STACK_WORDS, (uint32_t)wait_for_input,
                               (uint32_t)__builtin_return_address(0), HIGH_REGISTERS | FLOAT_REGISTERS);
}

__attribute__((noinline)) static void reader(void)
{
    wait_for_input();
    log_info("tasks", "the reader has been left");
}

void vTaskSwitchContext(void)
{
    struct tskTaskControlBlock *idle = &tasks[IDLE];

    idle->pxTopOfStack = leave(idle->pxStack + STACK_WORDS - 8, (uint32_t)vTaskSwitchContext, 0, 0);
}

/* The reader has its stack in the heap. */
__attribute__((noinline)) uint32_t *wm_heap_init(void)
{
    heap.block.block_size = 1u << 31 | sizeof heap;
    return heap.words + 6;
}

__attribute__((noinline)) static void fail(void)
{
    *(volatile uint32_t *)0x60000000 = 1;
}

static void worker(void)
{
    log_info("tasks", "about to fail");
    fail();
    log_info("tasks", "nothing has happened");
}

void app_main(void)
{
    for (int priority = 0; priority < PRIORITIES; priority++) {
        make_list(&pxReadyTasksLists[priority]);
    }
    make_list(&xDelayedTaskList1);
    make_list(&xDelayedTaskList2);
    make_list(&xSuspendedTaskList);
    make_list(&xTasksWaitingTermination);
    pxCurrentTCB = make_task(WORKER, "worker", 3, worker_stack, &pxReadyTasksLists[3]);
    make_task(IDLE, "idle", 0, idle_stack, &pxReadyTasksLists[0]);
    make_task(READER, "reader", 4, wm_heap_init(), &xDelayedTaskList2);
    make_task(LISTENER, "listener", 5, other_stacks[LISTENER], &xSuspendedTaskList)->xEventListItem.pxContainer =
        &xDelayedTaskList1;
    make_task(NOTIFIED, "notified", 5, other_stacks[NOTIFIED], &xSuspendedTaskList)->ucNotifyState[0] = 1;
    make_task(PARKED, "parked", 2, other_stacks[PARKED], &xSuspendedTaskList);
    make_task(GONE, "gone", 1, other_stacks[GONE], &xTasksWaitingTermination);
    xSchedulerRunning = 1;
    reader();
    vTaskSwitchContext();
    run_on(worker_stack + STACK_WORDS, worker);
}
