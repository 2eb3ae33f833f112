/* Sessions whose window is locked, or gone: when they were, they are no longer resumed, only unlocked. In
 * memory alone, so that they end with the process; of the sign-in's thread. None of them is pushed out: there is
 * a place for each session that goes on, and those that have ended give theirs back. */
#ifndef CONSOLE_AWAY_H
#define CONSOLE_AWAY_H

#include "store/staff.h"

struct away_session {
	uint8_t hash[STAFF_HASH_SIZE];
	int64_t lock_mono;
};

struct away {
	struct away_session *sessions;
	size_t count, capacity;
	/* Does that session go on? Asked of all of them when there is no place. */
	bool (*holds)(void *arg, const uint8_t *hash);
	void *arg;
};

void away_finish(struct away *away);
/* From lock_mono on; told again, the earlier one holds. */
void away_go(struct away *away, const char *token, int64_t lock_mono);
void away_back(struct away *away, const char *token);
bool away_locked(const struct away *away, const char *token);
/* Of each that is locked, by its hash. */
void away_each(const struct away *away, void (*on_locked)(void *arg, const uint8_t *hash), void *arg);

#endif
