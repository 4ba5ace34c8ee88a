/* The older SDKs' layouts have no partition table: start-up has nothing to look for. */
#include "storage/wm_partition_table.h"

int wm_partition_table_init(void)
{
    return WM_ERR_SUCCESS;
}
