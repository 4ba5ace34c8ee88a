/* The partition table in flash: where "app", "app_ota" and "nvs" are. Names as in the SDK's header. */
#ifndef STORAGE_WM_PARTITION_TABLE_H
#define STORAGE_WM_PARTITION_TABLE_H

#include <stdint.h>

#include "storage/wm_error.h"

#define WM_PARTITION_NAME_SIZE 16

typedef struct {
    char name[WM_PARTITION_NAME_SIZE];
    uint32_t offset; /* from the start of the flash */
    uint32_t size;
    uint32_t flag;
} wm_partition_item_t;

/* Reads and checks the table; WM_ERR_FAILED, and a log line that says why, if it cannot be used. */
int wm_partition_table_init(void);

int wm_partition_table_find(const char *name, wm_partition_item_t *partition);

#endif
