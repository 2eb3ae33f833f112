#include "desk/rights.h"

bool rights_may(enum staff_role role, enum right right)
{
	static const bool table[ROLE_AUDITOR + 1][RIGHTS] = {
		/*                       see   talk  own   all   staff  audit  rules  figures */
		[ROLE_COUNSELLOR] =    { true, true, true, false, false, false, false, false },
		[ROLE_COORDINATOR] =   { true, true, true, true,  false, false, true, true },
		[ROLE_ADMINISTRATOR] = { false, false, false, false, true, false, false, false },
		[ROLE_AUDITOR] =       { false, false, false, false, false, true, false, false },
	};
	return role >= ROLE_COUNSELLOR && role <= ROLE_AUDITOR && right < RIGHTS
		&& table[role][right];
}
