/* Sessions whose window is locked, or gone: when they were, they are no longer resumed, only unlocked. In
 * memory alone, the newest AWAY_MAX of them, so that they end with the process; of the sign-in's thread. */
#ifndef CONSOLE_AWAY_H
#define CONSOLE_AWAY_H

#include "store/staff.h"

enum { AWAY_MAX = 256 };

struct away {
	struct {
		uint8_t hash[STAFF_HASH_SIZE];
		int64_t lock_mono; /* 0: a free place */
	} sessions[AWAY_MAX];
	unsigned next; /* the oldest */
};

/* From lock_mono on; told again, the earlier one holds. */
void away_go(struct away *away, const char *token, int64_t lock_mono);
void away_back(struct away *away, const char *token);
bool away_locked(const struct away *away, const char *token);
/* Of each that is locked, by its hash. */
void away_each(const struct away *away, void (*on_locked)(void *arg, const uint8_t *hash), void *arg);

#endif
