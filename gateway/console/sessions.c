/* Who is signed in where, and the end of it. */
#include "base/json.h"
#include "console/archive.h"
#include "desk/rights.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

struct work {
	struct staff_db *db;
	const struct archive_question *question;
	struct json_out *out;
	struct staff_session found;
};

static uint32_t whose(const struct archive_question *question)
{
	return rights_may(question->role, RIGHT_STAFF) ? 0 : question->staff;
}

static void put(void *arg, const struct staff_session *session)
{
	struct work *work = arg;
	struct staff person;
	char name[2 * sizeof work->question->name + 1];

	if (staff_by_id(work->db, session->staff, &person))
		return;
	json_put_object(work->out, NULL);
	json_put_text(work->out, "session",
		sodium_bin2hex(name, sizeof name, session->hash, sizeof work->question->name));
	json_put_number(work->out, "staff", session->staff);
	json_put_text(work->out, "display", person.display);
	json_put_number(work->out, "created", session->created);
	json_put_number(work->out, "expires", session->expires);
	json_put_flag(work->out, "this",
		!sodium_memcmp(session->hash, work->question->session, STAFF_HASH_SIZE));
	json_put_object_end(work->out);
	sodium_memzero(&person, sizeof person);
}

enum err sessions_list(
	struct staff_db *db, const struct archive_question *question, struct json_out *out)
{
	struct work work = { .db = db, .question = question, .out = out };
	enum err err;

	json_put_list(out, "sessions");
	err = staff_sessions_each(db, whose(question), put, &work);
	json_put_list_end(out);
	return err;
}

static void match(void *arg, const struct staff_session *session)
{
	struct work *work = arg;
	if (!memcmp(session->hash, work->question->name, sizeof work->question->name))
		work->found = *session;
}

enum err sessions_end(
	struct staff_db *db, const struct archive_question *question, uint32_t *staff_r)
{
	struct work work = { .db = db, .question = question };
	char detail[64];
	enum err err = staff_sessions_each(db, whose(question), match, &work);

	if (!err && !work.found.staff)
		err = ERR_NOT_FOUND;
	if (!err)
		err = staff_session_end(db, work.found.hash);
	if (!err)
		*staff_r = work.found.staff;
	snprintf(detail, sizeof detail, "{\"of\":%u}", work.found.staff);
	return err ? err : audit_add(db, question->staff, "session.ended", detail);
}

bool sessions_hold(struct staff_db *db, const struct archive_question *question)
{
	struct staff_session session;
	struct staff person = { .id = 0 };
	enum err err = staff_session_get(db, question->session, &session);
	bool other = !err
		&& (session.staff != question->staff
			|| (!staff_by_id(db, session.staff, &person)
				&& person.role != question->role));

	sodium_memzero(&person, sizeof person);
	return err != ERR_NOT_FOUND && !other;
}
