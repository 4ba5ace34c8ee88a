/* Lines to calls, results to replies. A line ends with CR, LF or both; backspace works. */
#include "atcmd/at_interpreter.h"

#include "atcmd/at_command.h"
#include "drivers/uart.h"
#include "kernel/kernel.h"
#include "kernel/queue.h"
#include "runtime/format.h"
#include "runtime/string.h"

#define AT_PRIORITY    3
#define AT_STACK_WORDS 1024
#define LINE_SIZE      128u
#define LINE_END       "\r\n"
#define REPLY_END      LINE_END LINE_END

struct line {
    char text[LINE_SIZE];
    uint32_t length;
};

static struct task task;
static uint32_t stack[AT_STACK_WORDS];
static struct queue received;
static struct line lines[UART_COUNT];
static struct at_call call;

bool at_echo = true;

static void print(enum uart uart, const char *text)
{
    uart_write(uart, text, strlen(text));
}

static const struct at_command *find(const struct at_command *commands, const char *name)
{
    while (commands->name && strcmp(commands->name, name) != 0) {
        commands++;
    }
    return commands->name ? commands : 0;
}

static enum at_result run(char *line)
{
    const enum at_result result = at_parse(line, &call);
    const struct at_command *command;

    if (result != AT_OK) {
        return result;
    }
    command = find(at_commands, call.name);
    if (!command) {
        command = find(at_network_commands, call.name);
    }
    return command ? command->run(&call) : AT_UNKNOWN_COMMAND;
}

static void answer(enum uart uart, char *line)
{
    enum at_result result;
    char error[24];

    memset(&call, 0, sizeof call);
    result = run(line);
    if (result != AT_OK) {
        format_text(error, sizeof error, "+ERR=%d" REPLY_END, result);
        print(uart, error);
        return;
    }
    print(uart, call.reply[0] ? "+OK=" : "+OK");
    print(uart, call.reply);
    print(uart, REPLY_END);
    if (call.afterwards) {
        uart_flush(uart);
        call.afterwards();
    }
}

static void echo(enum uart uart, char character, bool is_end)
{
    if (at_echo && character != '\n') {
        uart_write(uart, is_end ? LINE_END : &character, is_end ? 2 : 1);
    }
}

/* A line that is too long loses what does not fit. */
static void take(enum uart uart, char character)
{
    struct line *line = &lines[uart];
    const bool is_end = character == '\r' || character == '\n';
    const bool is_erase = character == '\b' || character == 0x7F;

    echo(uart, character, is_end);
    if (is_end && line->length > 0) {
        line->text[line->length] = '\0';
        line->length = 0;
        answer(uart, line->text);
    } else if (is_erase) {
        line->length -= line->length > 0;
    } else if (!is_end && line->length < LINE_SIZE - 1) {
        line->text[line->length++] = character;
    }
}

static void interpret(void *unused)
{
    uint16_t item;

    (void)unused;
    while (queue_get(&received, &item, FOREVER)) {
        take((enum uart)(item >> 8), (char)(item & 0xFF));
    }
}

void at_start(void)
{
    uart_start(UART1);
    uart_receive_to(UART0, &received);
    uart_receive_to(UART1, &received);
    task_create(&task, "at", AT_PRIORITY, interpret, 0, stack, AT_STACK_WORDS);
}
