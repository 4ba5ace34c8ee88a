/* Log lines on UART0: "[I] (milliseconds since start) tag: text". */
#ifndef RUNTIME_LOG_H
#define RUNTIME_LOG_H

#define log_error(tag, ...)   log_line('E', tag, __VA_ARGS__)
#define log_warning(tag, ...) log_line('W', tag, __VA_ARGS__)
#define log_info(tag, ...)    log_line('I', tag, __VA_ARGS__)

void log_line(char level, const char *tag, const char *text, ...);

/* Text as it is, for progress lines. */
void log_text(const char *text);

#endif
