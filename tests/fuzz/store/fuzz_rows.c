/* A database in which rows are not as we wrote them. A small sound one is made once, in memory; each input
 * changes some of it, as somebody would who has the file and not the server key: [part] then acts of
 * [what][table][row][column][value]. What is then read is within its range or refused, what is refused takes
 * no other contact with it, and a changed audit log does not verify. */
#include "tests/fuzz/store/rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* ---- what an input does to it */

struct input {
	const uint8_t *at, *end;
};

static uint8_t next(struct input *input)
{
	return input->at < input->end ? *input->at++ : 0;
}

static size_t some(struct input *input, const uint8_t **bytes_r)
{
	size_t length = next(input), left = (size_t)(input->end - input->at);

	if (length > left)
		length = left;
	*bytes_r = input->at;
	input->at += length;
	return length;
}

static void bind(struct input *input, sqlite3_stmt *to, uint8_t kind)
{
	const uint8_t *bytes;
	size_t length;
	int64_t number = 0;

	switch (kind % 6) {
	case 0:
		sqlite3_bind_int64(to, 1, (int8_t)next(input));
		break;
	case 1:
		length = some(input, &bytes);
		memcpy(&number, bytes, length < sizeof number ? length : sizeof number);
		sqlite3_bind_int64(to, 1, number);
		break;
	case 2:
		length = some(input, &bytes);
		sqlite3_bind_text(to, 1, (const char *)bytes, (int)length, SQLITE_STATIC);
		break;
	case 3:
		length = some(input, &bytes);
		sqlite3_bind_blob(to, 1, bytes, (int)length, SQLITE_STATIC);
		break;
	case 4:
		sqlite3_bind_zeroblob(to, 1, next(input));
		break;
	default:
		sqlite3_bind_null(to, 1);
	}
}

static void change(struct input *input)
{
	uint8_t what = next(input), t = next(input) % TABLES, row = next(input) & 15;
	uint8_t column = next(input) % (uint8_t)made[t].columns;
	sqlite3_stmt *statement = what % 8 == 0 ? made[t].drop
		: what % 4 == 1         ? made[t].copy[column]
					: made[t].set[column];

	if (statement == made[t].copy[column])
		sqlite3_bind_int(statement, 1, next(input) & 15);
	else if (statement != made[t].drop)
		bind(input, statement, what >> 3);
	sqlite3_bind_int(statement, 2, row);
	made[t].dirty |= step(statement);
}

static void restore(void)
{
	for (int t = 0; t < TABLES; t++) {
		if (!made[t].dirty)
			continue;
		step(made[t].empty);
		step(made[t].fill);
		made[t].dirty = false;
	}
}

/* ---- what is read of it */

static struct seen {
	uint64_t id;
	uint32_t last_seq, count;
} seen[64];
static size_t seen_count;

static void must_be_text(const char *text)
{
	json_t *good = json_string(text);
	must(good != NULL);
	json_decref(good);
}

static void see_event(const struct event *event)
{
	must(event->kind >= EVENT_OPENED && event->kind < EVENT_KINDS);
	must(event->author >= AUTHOR_SYSTEM && event->author <= AUTHOR_COUNSELLOR);
	must(event->body_length <= EVENT_BODY_MAX && event->meta_length <= EVENT_BODY_MAX);
	must_be_text(event->client_id);
}

static void on_contact(void *arg, const struct store_contact *contact)
{
	(void)arg;
	must(contact->state == CONTACT_WAITING || contact->state == CONTACT_TAKEN);
	must(contact->channel >= CHANNEL_CHAT && contact->channel <= CHANNEL_TELEPHONE);
	if (seen_count < sizeof seen / sizeof *seen)
		seen[seen_count++] = (struct seen) { contact->id, contact->last_seq, 0 };
}

static void on_event(void *arg, const struct event *event)
{
	struct seen *last = &seen[seen_count - 1];
	(void)arg;
	see_event(event);
	must(event->contact == last->id && event->seq == ++last->count);
}

static void read_job(struct job *job)
{
	batch_read(&store, job);
	for (size_t i = 0; i < job->count; i++) {
		see_event(&job->events[i]);
		event_free(&job->events[i]);
	}
	free(job->events);
	free(job);
}

static void load(struct input *input)
{
	struct job *job;
	uint8_t which = next(input);

	if (recent_load(&store))
		return;
	seen_count = 0;
	if (!store_load(&store, on_contact, on_event, NULL))
		for (size_t i = 0; i < seen_count; i++)
			must(seen[i].count == seen[i].last_seq);
	job = mem_alloc(sizeof *job);
	job->kind = JOB_READ;
	job->contact = 1 + which % 4;
	job->limit = 100;
	read_job(job);
	job = mem_alloc(sizeof *job);
	job->kind = JOB_RECALL;
	memcpy(job->token, token[1 + which / 4 % 4], STORE_TOKEN_SIZE);
	memcpy(job->opener, opener, sizeof opener);
	read_job(job);
}

static const struct act {
	enum store_change change;
	enum event_kind kind;
	enum author author;
} acts[] = { { CHANGE_NONE, EVENT_MESSAGE, AUTHOR_VISITOR }, { CHANGE_TAKE, EVENT_TAKEN, AUTHOR_COUNSELLOR },
	{ CHANGE_CLOSE, EVENT_CLOSED, AUTHOR_VISITOR }, { CHANGE_REOPEN, EVENT_REOPENED, AUTHOR_VISITOR },
	{ CHANGE_NONE, EVENT_LEVEL, AUTHOR_COUNSELLOR }, { CHANGE_OPEN, EVENT_OPENED, AUTHOR_VISITOR } };

/* One commit of several writes, the sound contact's among them. */
static void write_some(struct input *input)
{
	struct job *first = NULL, *sound = NULL, *next_job;
	uint8_t count = 1 + next(input) % 4;
	uint32_t sealed, unsealed;

	if (recent_load(&store) || recent_count(&store, SOUND) != 2)
		return; /* the second: a row of another's was made one of it */
	for (uint8_t i = 0; i <= count; i++) {
		uint8_t what = next(input);
		const struct act *act = &acts[what % (sizeof acts / sizeof *acts)];
		struct job *job = i == count ? job_of(CHANGE_NONE, SOUND, EVENT_MESSAGE, AUTHOR_VISITOR, "ja")
					     : job_of(act->change, 1 + what / 8 % 5, act->kind, act->author,
						       act->kind == EVENT_MESSAGE ? "dag" : "");
		if (act->kind == EVENT_LEVEL) {
			job->write.event.meta = "{\"level\":\"serious\"}";
			job->write.event.meta_length = 19;
		}
		sound = sound ? sound : i == count ? job : NULL;
		job->next = first;
		first = job;
	}
	must(!batch_write(&store, first) && !sound->outcome.err);
	for (int t = 0; t <= T_CODE; t++)
		made[t].dirty = true;
	made[T_AUDIT].dirty = made[T_ENDS].dirty = true;
	for (; first; first = next_job) {
		next_job = first->next;
		free(first);
	}
	if (!sqlite3_exec(store.writer.sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL)) {
		if (!sealing_pending(&store, &sealed, &unsealed))
			must(sealed <= 100);
		must(!sqlite3_exec(store.writer.sqlite, "ROLLBACK", NULL, NULL, NULL));
	}
}

static void on_person(void *arg, const struct staff *person)
{
	(void)arg;
	must_be_text(person->name);
	must_be_text(person->display);
	must_be_text(person->telephone);
	must(staff_telephone_fits(person->telephone));
	must(memchr(person->password, '\0', sizeof person->password) != NULL);
}

static void on_session(void *arg, const struct staff_session *session)
{
	struct staff_session again;
	(void)arg;
	(void)!staff_session_get(&db, session->hash, &again);
}

static void on_key(void *arg, const struct sealing_key *key)
{
	uint8_t sealed[KEYS_SEALED_SIZE];
	(void)arg;
	must(key->vault_length <= KEYS_VAULT_MAX);
	(void)!keys_share_get(&db, key->id, 1, sealed);
}

static void on_share(void *arg, uint32_t key, uint32_t staff)
{
	(void)arg;
	(void)key;
	(void)staff;
}

static void on_letter(void *arg, const struct letter *letter)
{
	(void)arg;
	must(memchr(letter->id, '\0', sizeof letter->id) && memchr(letter->error, '\0', sizeof letter->error));
	must(!letter->bytes || letter->length <= LETTER_BYTES_MAX);
}

static void on_feedback(void *arg, const struct feedback *feedback)
{
	(void)arg;
	must(memchr(feedback->rule, '\0', sizeof feedback->rule) != NULL);
}

static void read_staff(void)
{
	static const uint8_t invite[STAFF_HASH_SIZE] = { 1 };
	struct letters letters = { .db = &db };
	char settings[STAFF_SETTINGS_MAX + 1];
	struct staff person;

	(void)!staff_each(&db, on_person, NULL);
	if (!staff_by_name(&db, "ANKE0", &person))
		on_person(NULL, &person);
	(void)!staff_by_invite(&db, invite, &person);
	(void)!staff_sessions_each(&db, 0, on_session, NULL);
	if (!staff_settings_get(&db, 1, settings))
		must(memchr(settings, '\0', sizeof settings) != NULL);
	(void)!keys_each(&db, on_key, NULL);
	(void)!keys_shares_each(&db, on_share, NULL);
	(void)!staff_code_find(&db, 1, "aaaaaaaaaa");
	(void)!letters_each(&letters, LETTER_CALLBACK, on_letter, NULL);
	(void)!feedback_each(&db, on_feedback, NULL);
}

static void on_archived(void *arg, const struct archive_contact *contact)
{
	(void)arg;
	must(contact->id != SOUND);
}

static void on_seal(void *arg, const struct archive_seal *seal)
{
	(void)arg;
	(void)seal;
}

static bool on_archive_event(void *arg, const struct archive_event *event)
{
	static const uint8_t key[SEAL_KEY_SIZE];
	uint8_t *plain = mem_alloc(event->body_length + 1);

	(void)arg;
	must(!event->body_length || archive_open(key, 3, event, false, plain));
	free(plain);
	return true;
}

static void read_archive(void)
{
	char secret[CODES_SECRET_SIZE + 1];
	struct archive_contact contact;

	(void)!archive_list(&db, 1, true, 4, 10, on_archived, NULL);
	(void)!archive_all(&db, on_archived, NULL);
	(void)!archive_find(&db, 3, &contact);
	(void)!archive_seals(&db, 3, on_seal, NULL);
	(void)!archive_events(&db, 3, 0, on_archive_event, NULL);
	if (!codes_find(&db, &code, secret))
		must(strspn(secret, "A") == CODES_SECRET_SIZE);
}

static void on_row(void *arg, const struct audit_row *row)
{
	(void)arg;
	must(row->what && row->detail);
}

/* Whoever empties the log and its ends leaves an empty log: that is found by what was noted elsewhere. */
static void read_log(void)
{
	struct audit_head head;
	char error[200] = "";
	uint8_t digest[32];
	enum err err = audit_verify(&db, error, sizeof error);

	log_digest(digest);
	if (!err && memcmp(digest, sound_log, sizeof digest) != 0)
		must(!audit_sign(&db, &head) && head.last == 0);
	must(!err || err == ERR_IO || *error);
	(void)!audit_each(&db, 0, on_row, NULL);
	if (err && !audit_add(&db, 1, "more", "{}")) /* it goes on, and stays broken */
		must(audit_verify(&db, error, sizeof error));
	made[T_AUDIT].dirty = made[T_ENDS].dirty |= err != OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, bytes + length };
	uint8_t part, acts_count;

	if (length > INPUT_MAX)
		return 0;
	if (!keeper)
		prepare_all();
	part = next(&input);
	acts_count = next(&input) & 7;
	if (sqlite3_exec(keeper, "BEGIN", NULL, NULL, NULL))
		abort();
	while (acts_count--)
		change(&input);
	run("COMMIT");
	switch (part % 5) {
	case 0:
		load(&input);
		break;
	case 1:
		write_some(&input);
		break;
	case 2:
		read_staff();
		break;
	case 3:
		read_archive();
		break;
	default:
		read_log();
	}
	run("BEGIN");
	restore();
	run("COMMIT");
	return 0;
}
