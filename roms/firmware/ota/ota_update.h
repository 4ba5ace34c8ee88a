/* A whole update with a progress line, for applications that have the image at hand. */
#ifndef OTA_OTA_UPDATE_H
#define OTA_OTA_UPDATE_H

#include <stdint.h>

/* Gives `size` bytes of the image, from `offset` in it. */
typedef void (*ota_source)(uint32_t offset, uint8_t *data, uint32_t size);

/* Writes the image to "app_ota" and checks it; a result of wm_ota_ops.h, errors are logged under `tag`. */
int ota_update(const char *tag, ota_source source, uint32_t image_size);

#endif
