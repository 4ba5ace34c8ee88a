/* Named values that survive a reset, in the partition "nvs". */
#ifndef STORAGE_NVS_H
#define STORAGE_NVS_H

#include <stdbool.h>
#include <stdint.h>

#define NVS_NAME_SIZE  15u /* longer names are refused; a name of this size has no NUL in flash */
#define NVS_VALUE_SIZE 256u

/* Types of wm_nvs.h in wm_iot_sdk; here they only label the value. */
enum nvs_type { NVS_STRING = 1, NVS_U8 = 3, NVS_U32 = 7, NVS_BINARY = 11 };

/* Finds the sector in use, or sets up the first. False without a usable partition. */
bool nvs_start(void);

/* The size of the value, which is cut to `size`; 0 if there is none. */
uint32_t nvs_get(const char *group, const char *key, void *value, uint32_t size);
bool nvs_set(const char *group, const char *key, enum nvs_type type, const void *value, uint32_t size);

/* Forgets everything. */
bool nvs_erase_all(void);

#endif
