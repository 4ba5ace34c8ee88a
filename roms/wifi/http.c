#include "wifi/http.h"

#include "runtime/format.h"
#include "runtime/string.h"
#include "wifi/tcp.h"

#define PORT         80u
#define LONGEST_LINE 256u

static bool read_line(char line[LONGEST_LINE])
{
    uint32_t length = 0;
    uint8_t character;

    for (;;) {
        if (tcp_read(&character, 1) != 1) {
            return false;
        }
        if (character == '\n') {
            break;
        }
        if (character != '\r' && length < LONGEST_LINE - 1) {
            line[length++] = (char)character;
        }
    }
    line[length] = '\0';
    return true;
}

static uint32_t number(const char *text)
{
    uint32_t value = 0;

    while (*text == ' ') {
        text++;
    }
    while (*text >= '0' && *text <= '9') {
        value = value * 10 + (uint32_t)(*text++ - '0');
    }
    return value;
}

/* Whether a line begins with a name, in any case. */
static bool begins(const char *line, const char *name)
{
    for (; *name; line++, name++) {
        if ((*line | 0x20) != (*name | 0x20)) {
            return false;
        }
    }
    return true;
}

uint32_t http_get(const uint8_t address[IP_SIZE], const char *host, const char *path, uint32_t *size)
{
    static char line[LONGEST_LINE];
    uint32_t status;

    *size = 0;
    if (!tcp_connect(address, PORT)) {
        return 0;
    }
    format_text(line, sizeof line, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, host);
    if (!tcp_write((const uint8_t *)line, strlen(line)) || !read_line(line) || !begins(line, "HTTP/1.1 ")) {
        return 0;
    }
    status = number(line + strlen("HTTP/1.1 "));
    while (read_line(line) && *line) {
        if (begins(line, "Content-Length:")) {
            *size = number(line + strlen("Content-Length:"));
        }
    }
    return status;
}

bool http_read(uint8_t *data, uint32_t size)
{
    for (uint32_t have = 0; have < size;) {
        const int count = tcp_read(data + have, size - have);

        if (count <= 0) {
            return false;
        }
        have += (uint32_t)count;
    }
    return true;
}

void http_close(void)
{
    tcp_close();
}
