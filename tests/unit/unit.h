/* What every unit test includes. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

/* clang-format off: cmocka needs this order */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#endif
