#include "console/archive_private.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "console/show.h"
#include "desk/contact.h"
#include "desk/rights.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void archive_put_bytes(struct json_out *out, const char *key, const uint8_t *bytes, size_t length)
{
	size_t size = sodium_base64_ENCODED_LEN(length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *text = mem_alloc(size);
	sodium_bin2base64(
		text, size, bytes, length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	json_put_text(out, key, text);
	free(text);
}

static void put_contact_id(struct json_out *out, const char *key, uint64_t id)
{
	char text[CONTACT_PUBLIC_ID];
	contact_public_id(id, text);
	json_put_text(out, key, text);
}

bool archive_may_all(const struct archive_work *work)
{
	return rights_may(work->question->role, RIGHT_OPEN_ALL);
}

enum err archive_audit(
	const struct archive_work *work, const char *what, const char *detail, const char *about)
{
	return repeats_audit(&work->archive->repeats, work->archive->db,
		&(struct repeats_row) { work->question->staff, what, detail, about });
}

void archive_detail(uint64_t contact, char detail_r[ARCHIVE_DETAIL])
{
	char id[CONTACT_PUBLIC_ID];

	contact_public_id(contact, id);
	snprintf(detail_r, ARCHIVE_DETAIL, "{\"contact\":\"%s\"}", id);
}

static void put_contact(void *arg, const struct archive_contact *contact)
{
	struct archive_work *work = arg;
	struct staff person;

	json_put_object(work->out, NULL);
	put_contact_id(work->out, "contact", contact->id);
	json_put_text(work->out, "channel", contact->channel == CHANNEL_TELEPHONE ? "telephone"
		: contact->channel == CHANNEL_PLAIN ? "plain" : "chat");
	json_put_number(work->out, "opened", contact->opened);
	json_put_number(work->out, "closed", contact->closed);
	if (contact->counsellor && !staff_by_id(work->archive->db, contact->counsellor, &person)) {
		json_put_number(work->out, "staff", person.id);
		json_put_text(work->out, "by", person.display);
		sodium_memzero(&person, sizeof person);
	}
	json_put_object_end(work->out);
	work->count++;
}

static enum err answer_list(struct archive_work *work)
{
	enum err err;

	if (!rights_may(work->question->role, RIGHT_OPEN_OWN))
		return ERR_DENIED;
	json_put_list(work->out, "contacts");
	err = archive_list(work->archive->db, work->question->staff, archive_may_all(work),
		work->question->contact, ARCHIVE_LIST_MAX, put_contact, work);
	json_put_list_end(work->out);
	json_put_flag(work->out, "more", work->count == ARCHIVE_LIST_MAX);
	return err;
}

static void put_seal(void *arg, const struct archive_seal *seal)
{
	struct archive_work *work = arg;
	bool mine = seal->kind == KEY_PERSON && seal->staff == work->question->staff
		&& rights_may(work->question->role, RIGHT_OPEN_OWN);

	if (!mine && !(seal->kind == KEY_COORDINATORS && archive_may_all(work)))
		return;
	json_put_object(work->out, NULL);
	json_put_number(work->out, "key", seal->key);
	archive_put_bytes(work->out, "sealed", seal->sealed, sizeof seal->sealed);
	json_put_object_end(work->out);
	work->allowed = true;
}

static enum err put_seals(struct archive_work *work)
{
	enum err err;
	json_put_list(work->out, "seals");
	err = archive_seals(work->archive->db, work->question->contact, put_seal, work);
	json_put_list_end(work->out);
	return err ? err : work->allowed ? OK : ERR_NOT_FOUND;
}

static bool put_event(void *arg, const struct archive_event *event)
{
	struct archive_work *work = arg;

	work->more = work->out->length > ARCHIVE_PIECE_BYTES;
	if (work->more)
		return false;
	json_put_object(work->out, NULL);
	json_put_number(work->out, "seq", event->seq);
	json_put_number(work->out, "kind", event->kind);
	json_put_number(work->out, "author", event->author);
	if (event->staff)
		json_put_number(work->out, "staff", event->staff);
	json_put_number(work->out, "time", event->time);
	if (event->body_length)
		archive_put_bytes(work->out, "body", event->body, event->body_length);
	json_put_object_end(work->out);
	work->last = event->seq;
	return true;
}

static enum err answer_open(struct archive_work *work)
{
	const struct archive_question *question = work->question;
	struct reading *reading = &work->archive->reading;
	char detail[ARCHIVE_DETAIL], about[2 * ARCHIVE_DETAIL];
	enum err err = put_seals(work);

	archive_detail(question->contact, detail);
	snprintf(about, sizeof about, "%s/%u", detail, question->after);
	if (!err && !reading_goes_on(reading, question->session, question->contact, question->after))
		err = archive_audit(work, "contact.opened", detail, about);
	json_put_list(work->out, "events");
	if (!err)
		err = archive_events(
			work->archive->db, question->contact, question->after, put_event, work);
	json_put_list_end(work->out);
	json_put_flag(work->out, "more", work->more);
	if (!err && work->more)
		reading_stops(reading, question->session, question->contact, work->last);
	return err;
}

static enum err answer(struct archive_work *work)
{
	switch (work->question->kind) {
	case ARCHIVE_KEYS:
		return archive_keys_list(work);
	case ARCHIVE_KEY:
		return archive_keys_enrol(work);
	case ARCHIVE_GROUP:
		return archive_keys_group(work);
	case ARCHIVE_SHARE:
		return archive_keys_share(work);
	case ARCHIVE_LIST:
		return answer_list(work);
	case ARCHIVE_OPEN:
		return answer_open(work);
	case ARCHIVE_SEALS:
		return archive_may_all(work) ? put_seals(work) : ERR_DENIED;
	case ARCHIVE_RESEAL:
		return archive_keys_reseal(work);
	case ARCHIVE_ROTATED:
		return archive_keys_rotated(work);
	case ARCHIVE_FEEDBACK:
		return feedback_add(work->archive->db, &work->question->feedback);
	case ARCHIVE_SESSIONS:
		return sessions_list(work->archive->db, work->question, work->out);
	case ARCHIVE_END:
		return sessions_end(work->archive->db, work->question, &work->ended);
	case ARCHIVE_SETTINGS:
		return settings_answer(work->archive->db, work->question, work->out);
	case ARCHIVE_PASSKEYS:
	case ARCHIVE_PASSKEY_VAULT:
	case ARCHIVE_PASSKEY_REMOVE:
		return passkey_list_answer(
			work->archive->db, &work->archive->repeats, work->question, work->out);
	case ARCHIVE_DENIED:
	case ARCHIVE_CHECK:
		break;
	}
	return ERR_INVALID;
}

static const char *code_of(enum err err)
{
	switch (err) {
	case ERR_DENIED:
		return "denied";
	case ERR_NOT_FOUND:
		return "gone";
	case ERR_EXISTS:
	case ERR_STALE:
		return "stale";
	case ERR_INVALID:
		return "invalid";
	case ERR_BUSY:
		return "busy";
	default:
		return "full";
	}
}

static void begin(struct json_out *out, const char *t, const char *id)
{
	json_out_init(out, 0);
	json_put_object(out, NULL);
	json_put_text(out, "t", t);
	json_put_text(out, "id", id);
}

/* One a minute of a person: enough to see that, and what, somebody tries. */
static void note_denied(struct archive *archive, const struct archive_question *question)
{
	char detail[ARCHIVE_DETAIL];
	struct repeats_row row = { question->staff, "request.denied", detail, "" };
	enum err err;

	if (repeats_again(&archive->denials, &row))
		return;
	snprintf(detail, sizeof detail, "{\"request\":\"%s\"}", question->what);
	log_warn("request denied", "staff=%u request=%s", question->staff, question->what);
	err = repeats_audit(&archive->denials, archive->db, &row);
	if (err)
		log_error("audit could not be written", "what=%s", "request.denied");
}

/* Nothing of it is done that could not be recorded. An opening is recorded before it, where it is one. */
static bool has_room(const struct archive_work *work)
{
	switch (work->question->kind) {
	case ARCHIVE_GROUP:
	case ARCHIVE_SHARE:
	case ARCHIVE_ROTATED:
	case ARCHIVE_PASSKEY_VAULT:
		return repeats_room(&work->archive->repeats, work->question->staff);
	default:
		return true;
	}
}

/* Before anything is looked up: true, and the window is to end. */
static bool has_ended(struct archive *archive, const struct archive_question *question)
{
	return question->kind != ARCHIVE_FEEDBACK && !sessions_hold(archive->db, question);
}

static void answer_one(struct archive *archive, const struct archive_question *question)
{
	struct json_out out;
	struct archive_work work = { .archive = archive, .question = question, .out = &out };
	struct archive_answer whole = { .window = question->window };
	enum err err;

	whole.ended = has_ended(archive, question);
	memcpy(whole.session, question->session, sizeof whole.session);
	if (question->kind == ARCHIVE_DENIED)
		note_denied(archive, question);
	if (whole.ended || question->kind == ARCHIVE_DENIED || question->kind == ARCHIVE_CHECK) {
		(void)!mailbox_post(archive->answers, &whole);
		return;
	}
	begin(&out, "ok", question->id);
	err = has_room(&work) ? answer(&work) : ERR_BUSY;
	if (err == ERR_DENIED)
		note_denied(archive, question);
	if (err) {
		json_out_finish(&out);
		begin(&out, "no", question->id);
		json_put_text(&out, "code", code_of(err));
	}
	json_put_object_end(&out);
	whole.frame = mem_copy(out.bytes, out.length);
	whole.length = out.length;
	whole.staff = work.ended;
	json_out_finish(&out);
	if (mailbox_post(archive->answers, &whole)) {
		log_error("archive answer lost", "%s", "");
		free(whole.frame);
	}
}

static void *work_on(void *arg)
{
	struct archive *archive = arg;
	struct archive_question question;

	while (mailbox_wait(archive->questions, &question, 1)) {
		answer_one(archive, &question);
		sodium_memzero(&question, sizeof question);
	}
	return NULL;
}

enum err archive_create(const char *folder, void (*on_answers)(void *arg), void *arg,
	struct archive **archive_r, char *error, size_t error_size)
{
	struct archive *archive = mem_alloc(sizeof *archive);
	enum err err = staff_open(folder, &archive->db, error, error_size);

	if (err) {
		free(archive);
		return err;
	}
	archive->questions = mailbox_create(
		ARCHIVE_QUEUE_MAX, sizeof(struct archive_question), NULL, NULL);
	archive->answers = mailbox_create(
		2 * ARCHIVE_QUEUE_MAX, sizeof(struct archive_answer), on_answers, arg);
	if (pthread_create(&archive->thread, NULL, work_on, archive)) {
		snprintf(error, error_size, "no thread for the archive: the system's limit is reached");
		mailbox_destroy(&archive->questions);
		mailbox_destroy(&archive->answers);
		staff_close(&archive->db);
		free(archive);
		return ERR_IO;
	}
	*archive_r = archive;
	return OK;
}

void archive_destroy(struct archive **archive)
{
	struct archive_answer answer;

	if (!*archive)
		return;
	mailbox_close((*archive)->questions);
	pthread_join((*archive)->thread, NULL);
	while (archive_take(*archive, &answer))
		free(answer.frame);
	mailbox_destroy(&(*archive)->questions);
	mailbox_destroy(&(*archive)->answers);
	staff_close(&(*archive)->db);
	repeats_finish(&(*archive)->repeats);
	repeats_finish(&(*archive)->denials);
	free(*archive);
	*archive = NULL;
}

enum err archive_ask(struct archive *archive, const struct archive_question *question)
{
	return mailbox_post(archive->questions, question);
}

bool archive_take(struct archive *archive, struct archive_answer *answer_r)
{
	return mailbox_take(archive->answers, answer_r, 1) == 1;
}
