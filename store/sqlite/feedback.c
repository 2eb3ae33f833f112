#include "store/feedback.h"
#include "base/clock.h"
#include "store/sqlite/private.h"

#include <stdio.h>

enum { DAY_MS = 24 * 3600 * 1000 };

enum err feedback_add(struct staff_db *db, const struct feedback *feedback)
{
	sqlite3_stmt *add = staff_prepare(db,
		"INSERT INTO rule_feedback (day, rules, kind, rule, level, count)"
		" VALUES (?1, ?2, ?3, ?4, ?5, 1) ON CONFLICT DO UPDATE SET count = count + 1");

	sqlite3_bind_int64(add, 1, clock_wall() / DAY_MS);
	sqlite3_bind_text(add, 2, feedback->rules, -1, SQLITE_STATIC);
	sqlite3_bind_int(add, 3, feedback->kind);
	sqlite3_bind_text(add, 4, feedback->rule, -1, SQLITE_STATIC);
	sqlite3_bind_int(add, 5, feedback->level);
	return staff_finish(add);
}

enum err feedback_each(struct staff_db *db,
	void (*on_feedback)(void *arg, const struct feedback *feedback), void *arg)
{
	sqlite3_stmt *all = staff_prepare(db,
		"SELECT kind, rule, level, sum(count), max(day) FROM rule_feedback"
		" GROUP BY kind, rule, level ORDER BY kind, sum(count) DESC, rule, level");
	int code;

	while ((code = sqlite3_step(all)) == SQLITE_ROW) {
		struct feedback feedback
			= { .kind = (enum feedback_kind)sqlite3_column_int(all, 0),
				  .level = sqlite3_column_int(all, 2),
				  .count = (uint64_t)sqlite3_column_int64(all, 3),
				  .day = sqlite3_column_int64(all, 4) };
		snprintf(feedback.rule, sizeof feedback.rule, "%s",
			(const char *)sqlite3_column_text(all, 1));
		on_feedback(arg, &feedback);
	}
	sqlite3_finalize(all);
	return code == SQLITE_DONE ? OK : ERR_IO;
}
