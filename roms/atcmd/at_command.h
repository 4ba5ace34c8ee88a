/* AT commands: what they are given and what they give back. */
#ifndef ATCMD_AT_COMMAND_H
#define ATCMD_AT_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

/* Error numbers of the W800's AT commands, sent as +ERR=-2 and so on. */
enum at_result {
    AT_OK = 0,
    AT_BAD_FORMAT = -1,
    AT_UNKNOWN_COMMAND = -2,
    AT_BAD_OPERATOR = -3,
    AT_BAD_PARAMETER = -4,
    AT_NOT_ALLOWED = -5,
    AT_FLASH_ERROR = -7,
};

#define AT_REPLY_SIZE      768u
#define AT_MOST_PARAMETERS 4u

struct at_call {
    const char *name;          /* what stands between "AT+" and the operator, in capitals */
    uint32_t parameter_count;  /* none after "?", "=?" or no operator at all: that asks for the value */
    char *parameters[AT_MOST_PARAMETERS];
    char reply[AT_REPLY_SIZE]; /* sent as +OK=reply; if empty, as +OK */
    void (*afterwards)(void);  /* called once the reply is on the wire, or none */
};

struct at_command {
    const char *name;
    enum at_result (*run)(struct at_call *call);
    const char *operands; /* for the help */
    const char *help;
};

/* Tables end with a command without a name. */
extern const struct at_command at_commands[];
extern const struct at_command at_network_commands[];

/* Cuts a line into a call; the call points into the line. */
enum at_result at_parse(char *line, struct at_call *call);

/* False unless the text is a decimal number from `lowest` to `highest`. */
bool at_number(const char *text, uint32_t lowest, uint32_t highest, uint32_t *value);

#endif
