/* What an application gets when its app_main() runs. */
#ifndef START_SYSTEM_H
#define START_SYSTEM_H

/* Written by the application: the first task, with log, flash and partition table ready. It may return. */
void app_main(void);

/* The line that says which firmware this is, for app_main() to begin with. */
void log_version(void);

#endif
