/* A parser of AT commands that gets one character at a time, as from a UART. */
#include "benchmark.h"

#define MOST_ARGUMENTS 4u
#define NAME_SIZE      8u

enum state { START, A, NAME, PLUS, QUERY, ARGUMENT, QUOTED, ESCAPED, FAILED };

struct parser {
    enum state state;
    uint32_t name_length;
    uint32_t count;
    uint32_t is_query;
    uint32_t arguments[MOST_ARGUMENTS];
    char name[NAME_SIZE];
};

const uint32_t benchmark_rounds = 14000;

static const char *const inputs[] = {
    "AT\r\n",
    "AT+QVER\r\n",
    "AT+WPRT=0\r\n",
    "at+ssid=\"my \\\"net\\\" work\"\r\n",
    "AT+UART=115200,8,1,0\r\n",
    "AT+SKCT=0,1,192,5000\r\n",
    "AX+FAIL\r\n",
    "AT+WJOIN=?\r\n",
};

static char upper(char character)
{
    return character >= 'a' && character <= 'z' ? (char)(character - 32) : character;
}

static void begin(struct parser *parser)
{
    parser->state = START;
    parser->name_length = parser->count = parser->is_query = 0;
    for (uint32_t i = 0; i < MOST_ARGUMENTS; i++) {
        parser->arguments[i] = 0;
    }
}

static void add_to_argument(struct parser *parser, uint32_t factor, char character)
{
    uint32_t *argument = &parser->arguments[parser->count - 1];

    *argument = *argument * factor + (uint8_t)character;
}

/* Whether the line is complete. */
static SEPARATE uint32_t take(struct parser *parser, char character)
{
    if (character == '\n' && parser->state != QUOTED) {
        return 1;
    }
    if (character == '\r') {
        return 0;
    }
    switch (parser->state) {
    case START: parser->state = upper(character) == 'A' ? A : FAILED; break;
    case A: parser->state = upper(character) == 'T' ? PLUS : FAILED; break;
    case PLUS: parser->state = character == '+' ? NAME : FAILED; break;
    case NAME:
        if (character == '=') {
            parser->state = ARGUMENT;
            parser->count = 1;
        } else if (parser->name_length < NAME_SIZE) {
            parser->name[parser->name_length++] = upper(character);
        } else {
            parser->state = FAILED;
        }
        break;
    case ARGUMENT:
        if (character == ',') {
            parser->state = ++parser->count > MOST_ARGUMENTS ? FAILED : ARGUMENT;
        } else if (character == '"') {
            parser->state = QUOTED;
        } else if (character == '?') {
            parser->is_query = 1;
            parser->state = QUERY;
        } else if (character >= '0' && character <= '9') {
            add_to_argument(parser, 10, (char)(character - '0'));
        } else {
            parser->state = FAILED;
        }
        break;
    case QUOTED:
        if (character == '\\') {
            parser->state = ESCAPED;
        } else if (character == '"') {
            parser->state = ARGUMENT;
        } else {
            add_to_argument(parser, 33, character);
        }
        break;
    case ESCAPED:
        add_to_argument(parser, 33, character);
        parser->state = QUOTED;
        break;
    case QUERY: parser->state = FAILED; break;
    case FAILED: break;
    }
    return 0;
}

static uint32_t result_of(const struct parser *parser)
{
    uint32_t result = parser->state * 7 + parser->count + parser->is_query;

    for (uint32_t i = 0; i < parser->name_length; i++) {
        result = result * 33 + (uint8_t)parser->name[i];
    }
    for (uint32_t i = 0; i < parser->count && i < MOST_ARGUMENTS; i++) {
        result = result * 33 + parser->arguments[i];
    }
    return result;
}

uint32_t benchmark(uint32_t rounds)
{
    uint32_t checksum = 0, random = RANDOM_SEED;
    struct parser parser;

    for (; rounds > 0; rounds--) {
        for (uint32_t i = 0; i < 8; i++) {
            const char *input = inputs[next_random(&random) % 8];

            begin(&parser);
            while (!take(&parser, *input++)) {
            }
            checksum = checksum * 33 + result_of(&parser);
        }
    }
    return checksum;
}
