/* Time. Everything asks here, so that tests can hold the clock still and move it by hand.
 * Wall time is milliseconds since 1970 (UTC) and is stored; monotonic time is milliseconds of an
 * arbitrary origin and serves every deadline within one run. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_wall(void);
int64_t clock_mono(void);

/* For tests: from here on both clocks stand still at these values, until moved or released. */
void clock_fake(int64_t wall, int64_t mono);
void clock_advance(int64_t ms);
void clock_real(void);

#endif
