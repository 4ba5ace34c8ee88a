/* AT+NAME, AT+NAME?, AT+NAME=? or AT+NAME=parameter,"parameter",... */
#include "atcmd/at_command.h"
#include "runtime/string.h"

#define PREFIX_SIZE    3u /* of "AT+" */
#define LONGEST_NUMBER 9u /* digits, which always fit 32 bits */

static char upper(char character)
{
    return character >= 'a' && character <= 'z' ? (char)(character - 'a' + 'A') : character;
}

static char *find(char *text, char wanted)
{
    while (*text && *text != wanted) {
        text++;
    }
    return text;
}

/* Takes one parameter off `rest`, which is none after the last; none if quotes are wrong. */
static char *take_parameter(char **rest)
{
    char *parameter = *rest;
    char *end;

    if (*parameter == '"') {
        parameter++;
        end = find(parameter, '"');
        if (!*end) {
            return 0;
        }
        *end++ = '\0';
        if (*end && *end != ',') {
            return 0;
        }
    } else {
        end = find(parameter, ',');
    }
    *rest = *end ? end + 1 : 0;
    *end = '\0';
    return parameter;
}

/* Makes the name upper case and ends it where the operator is; returns that. */
static char cut_name(char *name, char **rest)
{
    char mark;

    for (; *name && *name != '=' && *name != '?'; name++) {
        *name = upper(*name);
    }
    mark = *name;
    *rest = mark ? name + 1 : name;
    *name = '\0';
    return mark;
}

enum at_result at_parse(char *line, struct at_call *call)
{
    char *rest;
    char mark;

    if (upper(line[0]) != 'A' || upper(line[1]) != 'T' || line[2] != '+') {
        return AT_BAD_FORMAT;
    }
    call->name = line + PREFIX_SIZE;
    mark = cut_name(line + PREFIX_SIZE, &rest);
    if (mark != '=') {
        return *rest ? AT_BAD_OPERATOR : AT_OK;
    }
    if (strcmp(rest, "?") == 0) {
        return AT_OK;
    }
    while (rest) {
        char *parameter = call->parameter_count < AT_MOST_PARAMETERS ? take_parameter(&rest) : 0;
        if (!parameter) {
            return AT_BAD_PARAMETER;
        }
        call->parameters[call->parameter_count++] = parameter;
    }
    return AT_OK;
}

bool at_number(const char *text, uint32_t lowest, uint32_t highest, uint32_t *value)
{
    *value = 0;
    if (!*text || strlen(text) > LONGEST_NUMBER) {
        return false;
    }
    for (; *text >= '0' && *text <= '9'; text++) {
        *value = *value * 10 + (uint32_t)(*text - '0');
    }
    return !*text && *value >= lowest && *value <= highest;
}
