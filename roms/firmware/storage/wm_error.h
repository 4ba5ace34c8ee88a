/* Results of the functions that carry the SDK's names; the numbers are those of its wm_error.h. */
#ifndef STORAGE_WM_ERROR_H
#define STORAGE_WM_ERROR_H

enum {
    WM_ERR_SUCCESS = 0,
    WM_ERR_FAILED = -1,
    WM_ERR_INVALID_PARAM = -3,
    WM_ERR_NO_INITED = -7,
    WM_ERR_NOT_FOUND = -8,
    WM_ERR_NOT_ALLOWED = -9,
};

#endif
