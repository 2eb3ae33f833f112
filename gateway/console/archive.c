#include "console/archive.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "console/reading.h"
#include "console/show.h"
#include "desk/contact.h"
#include "desk/rights.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DENIED_EACH_MS = 60000, DENIED_SEATS = 64 };

struct archive {
	struct staff_db *db;
	int64_t denied_mono[DENIED_SEATS]; /* a denial of this person was recorded; by number */
	struct reading reading;
	struct mailbox *questions, *answers;
	pthread_t thread;
};

struct work { /* one question being answered */
	struct archive *archive;
	const struct archive_question *question;
	struct json_out *out;
	uint32_t count, ended, last;
	bool allowed, more;
};

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

static bool may_all(const struct work *work)
{
	return rights_may(work->question->role, RIGHT_OPEN_ALL);
}

static enum err audit(const struct work *work, const char *what, uint64_t contact)
{
	char detail[64] = "{}", id[CONTACT_PUBLIC_ID];
	if (contact) {
		contact_public_id(contact, id);
		snprintf(detail, sizeof detail, "{\"contact\":\"%s\"}", id);
	}
	return audit_add(work->archive->db, work->question->staff, what, detail);
}

static void put_share(struct work *work, const struct sealing_key *key)
{
	uint8_t sealed[KEYS_SEALED_SIZE];
	if (!keys_share_get(work->archive->db, key->id, work->question->staff, sealed))
		archive_put_bytes(work->out, "share", sealed, sizeof sealed);
}

static void put_key(void *arg, const struct sealing_key *key)
{
	struct work *work = arg;
	static const char *const words[] = { "", "person", "coordinators", "recovery" };
	bool mine = key->kind == KEY_PERSON && key->staff == work->question->staff;
	struct staff person = { .id = 0 };

	if (key->kind == KEY_PERSON && !mine && (!may_all(work) || key->retired))
		return;
	if (key->kind == KEY_PERSON && (staff_by_id(work->archive->db, key->staff, &person)
		|| person.disabled))
		return;
	json_put_object(work->out, NULL);
	json_put_number(work->out, "key", key->id);
	json_put_text(work->out, "kind", words[key->kind]);
	archive_put_bytes(work->out, "public", key->public, HPKE_KEY_SIZE);
	json_put_flag(work->out, "retired", key->retired);
	if (mine)
		archive_put_bytes(work->out, "vault", key->vault, key->vault_length);
	if (key->kind == KEY_PERSON) {
		json_put_number(work->out, "staff", person.id);
		json_put_text(work->out, "display", person.display);
		json_put_text(work->out, "role", show_role_word(person.role));
	}
	if (key->kind == KEY_COORDINATORS && may_all(work))
		put_share(work, key);
	json_put_object_end(work->out);
	sodium_memzero(&person, sizeof person);
}

static void note_shared(void *arg, uint32_t key, uint32_t staff)
{
	struct work *work = arg;
	json_put_object(work->out, NULL);
	json_put_number(work->out, "key", key);
	json_put_number(work->out, "staff", staff);
	json_put_object_end(work->out);
}

static enum err answer_keys(struct work *work)
{
	enum err err;
	json_put_list(work->out, "keys");
	err = keys_each(work->archive->db, put_key, work);
	json_put_list_end(work->out);
	if (err || !may_all(work))
		return err;
	json_put_list(work->out, "shared"); /* who of the coordinators has which of their keys */
	err = keys_shares_each(work->archive->db, note_shared, work);
	json_put_list_end(work->out);
	return err;
}

/* One's own, once: a lost password goes by staff reset, which destroys the old one. */
static enum err answer_key(struct work *work)
{
	struct staff_db *db = work->archive->db;
	struct sealing_key key = { .kind = KEY_PERSON, .staff = work->question->staff };
	enum err err = keys_current(db, KEY_PERSON, key.staff, &key);

	if (err != ERR_NOT_FOUND)
		return err ? err : ERR_EXISTS;
	memcpy(key.public, work->question->public, HPKE_KEY_SIZE);
	memcpy(key.vault, work->question->vault, work->question->vault_length);
	key.vault_length = work->question->vault_length;
	err = key.vault_length ? keys_put(db, &key) : ERR_INVALID;
	if (!err)
		err = audit(work, "key.enrolled", 0);
	if (!err)
		json_put_number(work->out, "key", key.id);
	return err;
}

static enum err answer_group(struct work *work)
{
	struct staff_db *db = work->archive->db;
	struct sealing_key key = { .kind = KEY_COORDINATORS }, now = { .id = 0 };
	enum err err = keys_current(db, KEY_COORDINATORS, 0, &now);

	if (!may_all(work))
		return ERR_DENIED;
	if (err && err != ERR_NOT_FOUND)
		return err;
	if (now.id != work->question->key) /* somebody made one meanwhile */
		return ERR_STALE;
	memcpy(key.public, work->question->public, HPKE_KEY_SIZE);
	err = keys_put(db, &key);
	if (!err)
		err = keys_share_put(db, key.id, work->question->staff, work->question->sealed);
	if (!err)
		err = audit(work, "key.coordinators", 0);
	if (!err)
		json_put_number(work->out, "key", key.id);
	return err;
}

static enum err answer_share(struct work *work)
{
	struct staff_db *db = work->archive->db;
	struct sealing_key now;
	struct staff other;
	enum err err = may_all(work) ? keys_current(db, KEY_COORDINATORS, 0, &now) : ERR_DENIED;

	if (!err && now.id != work->question->key)
		err = ERR_STALE;
	if (!err)
		err = staff_by_id(db, work->question->other, &other);
	if (!err && (other.disabled || !rights_may(other.role, RIGHT_OPEN_ALL)))
		err = ERR_DENIED;
	if (!err)
		err = keys_share_put(db, now.id, other.id, work->question->sealed);
	if (!err)
		err = audit(work, "key.shared", 0);
	sodium_memzero(&other, sizeof other);
	return err;
}

static void put_contact(void *arg, const struct archive_contact *contact)
{
	struct work *work = arg;
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

static enum err answer_list(struct work *work)
{
	enum err err;

	if (!rights_may(work->question->role, RIGHT_OPEN_OWN))
		return ERR_DENIED;
	json_put_list(work->out, "contacts");
	err = archive_list(work->archive->db, work->question->staff, may_all(work),
		work->question->contact, ARCHIVE_LIST_MAX, put_contact, work);
	json_put_list_end(work->out);
	json_put_flag(work->out, "more", work->count == ARCHIVE_LIST_MAX);
	return err;
}

static void put_seal(void *arg, const struct archive_seal *seal)
{
	struct work *work = arg;
	bool mine = seal->kind == KEY_PERSON && seal->staff == work->question->staff
		&& rights_may(work->question->role, RIGHT_OPEN_OWN);

	if (!mine && !(seal->kind == KEY_COORDINATORS && may_all(work)))
		return;
	json_put_object(work->out, NULL);
	json_put_number(work->out, "key", seal->key);
	archive_put_bytes(work->out, "sealed", seal->sealed, sizeof seal->sealed);
	json_put_object_end(work->out);
	work->allowed = true;
}

static enum err put_seals(struct work *work)
{
	enum err err;
	json_put_list(work->out, "seals");
	err = archive_seals(work->archive->db, work->question->contact, put_seal, work);
	json_put_list_end(work->out);
	return err ? err : work->allowed ? OK : ERR_NOT_FOUND;
}

static bool put_event(void *arg, const struct archive_event *event)
{
	struct work *work = arg;

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

static enum err answer_open(struct work *work)
{
	const struct archive_question *question = work->question;
	struct reading *reading = &work->archive->reading;
	enum err err = put_seals(work);

	if (!err && !reading_goes_on(reading, question->session, question->contact, question->after))
		err = audit(work, "contact.opened", question->contact);
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

static enum err answer_reseal(struct work *work)
{
	struct staff_db *db = work->archive->db;
	const struct archive_question *question = work->question;
	struct sealing_key group, person;
	struct archive_contact contact;
	enum err err = may_all(work) ? archive_find(db, question->contact, &contact) : ERR_DENIED;
	bool added;

	if (err)
		return err;
	if ((keys_current(db, KEY_COORDINATORS, 0, &group) || group.id != question->key)
		&& (keys_current(db, KEY_PERSON, contact.counsellor, &person)
			|| person.id != question->key))
		return ERR_DENIED; /* to nobody else than those it was sealed to at its end */
	err = archive_seal_add(db, contact.id, question->key, question->sealed, &added);
	return err || !added ? err : audit(work, "contact.resealed", contact.id);
}

static enum err answer_rotated(struct work *work)
{
	enum err err = may_all(work) ? archive_drop_retired(work->archive->db, KEY_COORDINATORS)
				     : ERR_DENIED;
	return err ? err : audit(work, "key.rotated", 0);
}

static enum err answer(struct work *work)
{
	switch (work->question->kind) {
	case ARCHIVE_KEYS:
		return answer_keys(work);
	case ARCHIVE_KEY:
		return answer_key(work);
	case ARCHIVE_GROUP:
		return answer_group(work);
	case ARCHIVE_SHARE:
		return answer_share(work);
	case ARCHIVE_LIST:
		return answer_list(work);
	case ARCHIVE_OPEN:
		return answer_open(work);
	case ARCHIVE_SEALS:
		return may_all(work) ? put_seals(work) : ERR_DENIED;
	case ARCHIVE_RESEAL:
		return answer_reseal(work);
	case ARCHIVE_ROTATED:
		return answer_rotated(work);
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
		return passkey_list_answer(work->archive->db, work->question, work->out);
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
	int64_t *last = &archive->denied_mono[question->staff % DENIED_SEATS], mono = clock_mono();
	char detail[80];

	if (*last && mono - *last < DENIED_EACH_MS)
		return;
	*last = mono;
	snprintf(detail, sizeof detail, "{\"request\":\"%s\"}", question->what);
	log_warn("request denied", "staff=%u request=%s", question->staff, question->what);
	if (audit_add(archive->db, question->staff, "request.denied", detail))
		log_error("audit could not be written", "what=%s", "request.denied");
}

/* Before anything is looked up: true, and the window is to end. */
static bool has_ended(struct archive *archive, const struct archive_question *question)
{
	return question->kind != ARCHIVE_FEEDBACK && !sessions_hold(archive->db, question);
}

static void answer_one(struct archive *archive, const struct archive_question *question)
{
	struct json_out out;
	struct work work = { .archive = archive, .question = question, .out = &out };
	struct archive_answer whole = { .window = question->window };
	enum err err;

	whole.ended = has_ended(archive, question);
	if (question->kind == ARCHIVE_DENIED)
		note_denied(archive, question);
	if (whole.ended || question->kind == ARCHIVE_DENIED || question->kind == ARCHIVE_CHECK) {
		(void)!mailbox_post(archive->answers, &whole);
		return;
	}
	begin(&out, "ok", question->id);
	err = answer(&work);
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
