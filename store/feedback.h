/* What counsellors say of the rules of urgency, for whoever maintains them: counts by day (of 24 hours
 * since 1970, UTC), set of rules, rule and level. Nothing tells of which contact it was, nor who said
 * it. On a connection of staff.h. */
#ifndef STORE_FEEDBACK_H
#define STORE_FEEDBACK_H

#include "store/staff.h"

enum { FEEDBACK_RULE_MAX = 64, /* bytes of a rule's id; a longer one is cut */
	FEEDBACK_RULES_MAX = 64 }; /* of a set's hash */

enum feedback_kind { FEEDBACK_WRONG = 1, /* the flag should not have been */
	FEEDBACK_MISSED }; /* there should have been one of this level; rule is "" */

struct feedback {
	enum feedback_kind kind;
	int64_t day;
	uint64_t count;
	int level; /* 0 none to 3 immediate */
	char rule[FEEDBACK_RULE_MAX + 1], rules[FEEDBACK_RULES_MAX + 1];
};

/* One more of its kind; day and count are not read. */
must_check enum err feedback_add(struct staff_db *db, const struct feedback *feedback);
/* Of all days, by rule; the day is the last one. */
must_check enum err feedback_each(struct staff_db *db,
	void (*on_feedback)(void *arg, const struct feedback *feedback), void *arg);

#endif
