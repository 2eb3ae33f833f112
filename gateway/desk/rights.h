/* Who may do what. One table; whoever acts for a person asks it, and the tests hold it up whole. */
#ifndef DESK_RIGHTS_H
#define DESK_RIGHTS_H

#include "store/staff.h"

#include <stdbool.h>

enum right {
	RIGHT_SEE, /* who waits, and why; colleagues */
	RIGHT_TALK, /* take, say, note, level, return, close, duty */
	RIGHT_OPEN_OWN, /* a closed contact that was theirs */
	RIGHT_OPEN_ALL, /* any closed contact, by the coordinators' key; to give and change that key */
	RIGHT_STAFF, /* others' sessions: list, end */
	RIGHT_AUDIT, /* read the audit log */
	RIGHT_RULES, /* have the rules of urgency read anew */
	RIGHT_FIGURES, /* what the day was, in numbers */
	RIGHTS
};

bool rights_may(enum staff_role role, enum right right);

#endif
