/* What the Makefile says about this firmware: nothing here comes from the host or its clock. */
#ifndef START_VERSION_H
#define START_VERSION_H

#if !defined(FIRMWARE_VERSION) || !defined(BUILD_STAMP)
#error "the Makefile defines FIRMWARE_VERSION and BUILD_STAMP"
#endif

_Static_assert(sizeof FIRMWARE_VERSION <= 16, "the image header holds 15 characters and a NUL");

#endif
