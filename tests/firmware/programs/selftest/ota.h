#ifndef SELFTEST_OTA_H
#define SELFTEST_OTA_H

void test_ota(void);

#endif
