/* What a closed contact leaves behind: for those who hold a key, for its visitor, for a thief. */
#include "base/clock.h"
#include "store/keys.h"
#include "tests/unit/store/asking.h"

#include <sodium.h>
#include <sqlite3.h>

enum { ID = 77, MINE = 3 };
static const int64_t start = INT64_C(1764000000000) + 1234567;
static const char words[] = "dit is van mij alleen";

struct pair {
	uint8_t private[HPKE_KEY_SIZE], public[HPKE_KEY_SIZE];
	uint32_t id;
};

static void add_key(enum key_kind kind, uint32_t staff, struct pair *pair)
{
	char error[512];
	struct staff_db *db;
	struct sealing_key key = { .kind = kind, .staff = staff };

	hpke_pair(pair->private, pair->public);
	memcpy(key.public, pair->public, HPKE_KEY_SIZE);
	assert_int_equal(staff_open(folder, &db, error, sizeof error), OK);
	assert_int_equal(keys_put(db, &key), OK);
	pair->id = key.id;
	staff_close(&db);
}

static struct store_outcome step(struct store *store, enum store_change change, enum event_kind kind,
	const char *text)
{
	struct store_write write = { .change = change, .channel = CHANNEL_CHAT };
	write.event = (struct event) { .contact = ID,
		.kind = kind,
		.author = AUTHOR_VISITOR,
		.staff = change == CHANGE_TAKE ? MINE : 0,
		.time = clock_wall(),
		.body = text,
		.body_length = text ? (uint32_t)strlen(text) : 0 };
	memset(write.token, 1, sizeof write.token);
	memset(write.opener, 2, sizeof write.opener);
	return asking_write(store, &write);
}

static struct store_outcome whole_conversation(struct store *store)
{
	assert_int_equal(step(store, CHANGE_OPEN, EVENT_OPENED, NULL).err, OK);
	assert_int_equal(step(store, CHANGE_TAKE, EVENT_TAKEN, NULL).err, OK);
	assert_int_equal(step(store, CHANGE_NONE, EVENT_MESSAGE, words).err, OK);
	assert_int_equal(step(store, CHANGE_NONE, EVENT_NOTE, "onder ons").err, OK);
	return step(store, CHANGE_CLOSE, EVENT_CLOSED, NULL);
}

static sqlite3 *database(void)
{
	char path[200];
	sqlite3 *sqlite;
	snprintf(path, sizeof path, "%s/onthaal.db", folder);
	assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
	return sqlite;
}

static sqlite3_stmt *row(sqlite3 *sqlite, const char *sql)
{
	sqlite3_stmt *statement;
	assert_int_equal(sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	return statement;
}

static int64_t number(const char *sql)
{
	sqlite3 *sqlite = database();
	sqlite3_stmt *statement = row(sqlite, sql);
	int64_t value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(sqlite);
	return value;
}

/* Opens the message as somebody with this private key would. */
static bool opens(const struct pair *pair)
{
	uint8_t key[SEAL_KEY_SIZE];
	char sql[160], plain[200];
	sqlite3 *sqlite = database();
	sqlite3_stmt *seal, *event;
	bool good;

	snprintf(sql, sizeof sql, "SELECT sealed FROM seal WHERE contact = %d AND key = %u", ID,
		pair->id);
	seal = row(sqlite, sql);
	event = row(sqlite, "SELECT body FROM event WHERE seq = 3");
	struct seal_place place = { ID, 3, EVENT_MESSAGE, 1 };
	good = !keys_open(pair->private, ID, sqlite3_column_blob(seal, 0), key)
		&& !seal_open(key, &place, sqlite3_column_blob(event, 0),
			(size_t)sqlite3_column_bytes(event, 0), (uint8_t *)plain)
		&& !memcmp(plain, words, strlen(words));
	sqlite3_finalize(seal);
	sqlite3_finalize(event);
	sqlite3_close(sqlite);
	return good;
}

static bool file_holds(const char *name, const void *bytes, size_t length)
{
	char path[200];
	static char content[1 << 20];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	size_t size = fread(content, 1, sizeof content, file);
	fclose(file);
	return memmem(content, size, bytes, length) != NULL;
}

static const struct store_retention days
	= { .chat_days = 90, .telephone_days = 30, .notes_days = 10, .return_hours = 24 };

static void keep(struct store *store)
{
	struct store_figures before, after;
	store_figures(store, &before);
	clock_advance(60000);
	store_keep(store, &days);
	do {
		asking_pump(store);
		store_figures(store, &after);
	} while (after.wal_bytes);
}

static void closing_seals_to_all_who_may_and_destroys_the_wrap(void **state)
{
	struct pair mine, other, coordinators, recovery;
	uint8_t wrap[SEAL_WRAP_SIZE];
	struct store *store = asking_open();

	(void)state;
	add_key(KEY_PERSON, MINE, &mine);
	add_key(KEY_PERSON, MINE + 1, &other);
	add_key(KEY_COORDINATORS, 0, &coordinators);
	add_key(KEY_RECOVERY, 0, &recovery);
	step(store, CHANGE_OPEN, EVENT_OPENED, NULL);
	sqlite3 *sqlite = database();
	sqlite3_stmt *key = row(sqlite, "SELECT key FROM contact");
	memcpy(wrap, sqlite3_column_blob(key, 0), sizeof wrap);
	sqlite3_finalize(key);
	sqlite3_close(sqlite);
	step(store, CHANGE_TAKE, EVENT_TAKEN, NULL);
	step(store, CHANGE_NONE, EVENT_MESSAGE, words);
	assert_true(step(store, CHANGE_CLOSE, EVENT_CLOSED, NULL).sealed);
	keep(store);
	assert_false(file_holds("onthaal.db", wrap + 24, 32));
	assert_false(file_holds("onthaal.db-wal", wrap + 24, 32));
	store_close(&store);
	assert_false(file_holds("onthaal.db", wrap + 24, 32));
	assert_int_equal(number("SELECT key IS NULL FROM contact"), 1);
	assert_int_equal(number("SELECT count(*) FROM seal"), 3);
	assert_true(opens(&mine));
	assert_true(opens(&coordinators));
	assert_true(opens(&recovery));
	coordinators.id = recovery.id; /* a key opens its own seal alone */
	assert_false(opens(&coordinators));
}

static void without_an_emergency_key_nothing_is_lost_and_it_is_sealed_later(void **state)
{
	struct pair mine, recovery;
	struct store_figures figures;
	struct store *store = asking_open();

	(void)state;
	add_key(KEY_PERSON, MINE, &mine);
	assert_false(whole_conversation(store).sealed);
	assert_int_equal(number("SELECT key IS NULL FROM contact"), 0);
	keep(store);
	store_figures(store, &figures);
	assert_int_equal(figures.unsealed, 1);
	add_key(KEY_RECOVERY, 0, &recovery);
	keep(store);
	assert_int_equal(number("SELECT key IS NULL FROM contact"), 1);
	store_figures(store, &figures);
	assert_int_equal(figures.unsealed, 0);
	assert_int_equal(figures.sealed, 1);
	assert_true(opens(&recovery));
	assert_true(opens(&mine));
	store_close(&store);
}

static void times_are_cut_to_the_hour(void **state)
{
	struct store *store = asking_open();

	(void)state;
	whole_conversation(store);
	assert_int_equal(number("SELECT max(time % 3600000) FROM event"), 0);
	assert_int_equal(number("SELECT opened % 3600000 + closed % 3600000 FROM contact"), 0);
	assert_int_equal(number("SELECT closed FROM contact"), start - start % 3600000);
	store_close(&store);
}

struct recalled {
	bool there;
	enum err err;
	enum contact_state state;
	uint32_t counsellor;
	size_t count;
	char text[64];
};

static void on_recalled(void *arg, enum err err, const struct store_contact *contact,
	const struct event *events, size_t count)
{
	struct recalled *recalled = arg;
	*recalled = (struct recalled) { .there = true, .err = err, .count = count };
	if (err)
		return;
	recalled->state = contact->state;
	recalled->counsellor = contact->counsellor;
	if (count > 2)
		snprintf(recalled->text, sizeof recalled->text, "%.*s",
			(int)events[2].body_length, events[2].body);
}

static struct recalled recall(struct store *store, int token_byte, int opener_byte)
{
	struct recalled recalled = { 0 };
	uint8_t token[STORE_TOKEN_SIZE], opener[STORE_TOKEN_SIZE];
	memset(token, token_byte, sizeof token);
	memset(opener, opener_byte, sizeof opener);
	assert_int_equal(store_recall(store, token, opener, on_recalled, &recalled), OK);
	while (!recalled.there)
		asking_pump(store);
	return recalled;
}

static void its_visitor_can_read_and_reopen_it(void **state)
{
	struct pair recovery;
	struct store *store = asking_open();
	struct recalled recalled;

	(void)state;
	add_key(KEY_RECOVERY, 0, &recovery);
	whole_conversation(store);
	recalled = recall(store, 1, 2);
	assert_int_equal(recalled.err, OK);
	assert_int_equal(recalled.state, CONTACT_CLOSED);
	assert_int_equal(recalled.counsellor, MINE);
	assert_int_equal(recalled.count, 5);
	assert_string_equal(recalled.text, words);
	assert_int_equal(recall(store, 1, 3).err, ERR_NOT_FOUND);
	assert_int_equal(recall(store, 2, 2).err, ERR_NOT_FOUND);
	assert_int_equal(step(store, CHANGE_NONE, EVENT_MESSAGE, "x").err, ERR_STALE);
	struct store_write wrong = { .change = CHANGE_REOPEN,
		.event = { .contact = ID, .kind = EVENT_REOPENED, .time = clock_wall() } };
	assert_int_equal(asking_write(store, &wrong).err, ERR_STALE);
	struct store_outcome again = step(store, CHANGE_REOPEN, EVENT_REOPENED, NULL);
	assert_int_equal(again.err, OK);
	assert_int_equal(again.state, CONTACT_WAITING);
	assert_int_equal(again.seq, 6);
	assert_int_equal(number("SELECT count(*) FROM seal"), 0);
	assert_int_equal(step(store, CHANGE_NONE, EVENT_MESSAGE, "x").err, OK);
	assert_int_equal(step(store, CHANGE_REOPEN, EVENT_REOPENED, NULL).err, ERR_STALE);
	assert_true(step(store, CHANGE_CLOSE, EVENT_CLOSED, NULL).sealed);
	assert_int_equal(number("SELECT count(*) FROM seal"), 1);
	assert_true(opens(&recovery));
	store_close(&store);
}

static void a_backup_of_sealed_contacts_is_sound(void **state)
{
	struct pair recovery;
	struct store *store = asking_open();
	char error[512] = "";

	(void)state;
	add_key(KEY_RECOVERY, 0, &recovery);
	whole_conversation(store);
	if (store_check(folder, error, sizeof error))
		fail_msg("%s", error);
	store_close(&store);
}

static void notes_and_contacts_are_shredded_each_in_its_time(void **state)
{
	struct pair recovery;
	struct store *store = asking_open();

	(void)state;
	add_key(KEY_RECOVERY, 0, &recovery);
	whole_conversation(store);
	keep(store);
	assert_int_equal(recall(store, 1, 2).err, OK);
	clock_advance(25 * INT64_C(3600000)); /* no code: the visitor's own way ends */
	keep(store);
	assert_int_equal(recall(store, 1, 2).err, ERR_NOT_FOUND);
	assert_int_equal(number("SELECT count(*) FROM event WHERE kind = 3 AND body IS NOT NULL"), 1);
	clock_advance(9 * INT64_C(86400000));
	keep(store);
	assert_int_equal(number("SELECT count(*) FROM event WHERE kind = 3 AND body IS NOT NULL"), 0);
	assert_int_equal(number("SELECT count(*) FROM event"), 5);
	assert_true(opens(&recovery));
	clock_advance(79 * INT64_C(86400000));
	keep(store);
	assert_int_equal(number("SELECT count(*) FROM contact"), 1);
	clock_advance(INT64_C(86400000));
	keep(store);
	assert_int_equal(
		number("SELECT (SELECT count(*) FROM contact) + (SELECT count(*) FROM event)"
		       " + (SELECT count(*) FROM seal)"),
		0);
	store_close(&store);
}

static struct store_proof proof(int64_t days_from_start)
{
	struct store_proof proof;
	char error[512];
	if (store_prove(folder, &days, start / 86400000 + days_from_start, &proof, error,
		    sizeof error))
		fail_msg("%s", error);
	return proof;
}

static void each_day_proves_what_was_shredded_and_that_nothing_is_overdue(void **state)
{
	struct pair recovery;
	struct store *store = asking_open();

	(void)state;
	add_key(KEY_RECOVERY, 0, &recovery);
	whole_conversation(store);
	keep(store);
	assert_int_equal(proof(0).kept, 1);
	assert_int_equal(proof(0).oldest, start - start % 3600000);
	clock_advance(11 * INT64_C(86400000));
	assert_int_equal(proof(11).overdue, 0);
	keep(store);
	assert_int_equal(proof(11).notes, 1);
	assert_int_equal(proof(11).chats, 0);
	clock_advance(79 * INT64_C(86400000));
	assert_int_equal(proof(90).overdue, 1); /* the daemon slept: it is said */
	keep(store);
	assert_int_equal(proof(90).overdue, 0);
	assert_int_equal(proof(90).kept, 0);
	assert_int_equal(proof(90).chats, 1);
	assert_int_equal(proof(11).notes, 1);
	assert_int_equal(proof(89).chats, 0);
	store_close(&store);
}

static void one_contact_is_forgotten_when_asked(void **state)
{
	struct pair recovery;
	struct store *store = asking_open();
	char error[512];

	(void)state;
	add_key(KEY_RECOVERY, 0, &recovery);
	step(store, CHANGE_OPEN, EVENT_OPENED, NULL);
	assert_int_equal(store_forget(folder, ID, false, error, sizeof error), ERR_STALE);
	assert_non_null(strstr(error, "close it first"));
	step(store, CHANGE_CLOSE, EVENT_CLOSED, NULL);
	store_close(&store); /* nobody serves it: nobody is waited for */
	assert_int_equal(store_forget(folder, ID, false, error, sizeof error), OK);
	assert_int_equal(store_forget(folder, ID, true, error, sizeof error), ERR_NOT_FOUND);
	assert_int_equal(proof(0).forgotten, 1);
	assert_int_equal(number("SELECT count(*) FROM contact"), 0);
	assert_int_equal(number("SELECT count(*) FROM forgetting"), 0);
}

static uint64_t to_forget;
static bool to_close;

static void on_forget(void *arg, uint64_t contact, bool open)
{
	(void)arg;
	to_forget = contact;
	to_close = open;
}

static void look_for_one(struct store *store, bool open)
{
	to_forget = 0;
	store_look(store);
	while (!to_forget)
		asking_pump(store);
	assert_true(to_forget == ID);
	assert_int_equal(to_close, open);
}

/* It is closed by whoever serves the folder next, and the row stays until that one has let go. */
static void an_open_one_is_closed_first(void **state)
{
	static const struct store_hooks hooks = { .wake = asking_wake, .on_forget = on_forget };
	struct pair recovery;
	struct store *store = asking_open();
	char error[512];

	(void)state;
	add_key(KEY_RECOVERY, 0, &recovery);
	step(store, CHANGE_OPEN, EVENT_OPENED, NULL);
	store_close(&store);
	assert_int_equal(store_forget(folder, ID, true, error, sizeof error), ERR_BUSY);
	assert_non_null(strstr(error, "when one is started"));
	assert_int_equal(store_open(folder, &hooks, &store, error, sizeof error), OK);
	look_for_one(store, true);
	look_for_one(store, true); /* until it is closed */
	assert_int_equal(number("SELECT count(*) FROM contact"), 1);
	step(store, CHANGE_CLOSE, EVENT_CLOSED, NULL);
	look_for_one(store, false);
	assert_int_equal(number("SELECT count(*) FROM contact"), 0);
	assert_int_equal(number("SELECT count(*) FROM event"), 0);
	assert_int_equal(number("SELECT count(*) FROM forgetting"), 1);
	store_forgotten(store, ID);
	store_close(&store);
	assert_int_equal(number("SELECT count(*) FROM forgetting"), 0);
	assert_int_equal(proof(0).forgotten, 1);
}

static void who_leaves_takes_their_seals_along(void **state)
{
	struct pair mine, coordinators;
	struct store *store = asking_open();
	char error[512];
	struct staff_db *db;
	uint8_t share[KEYS_SEALED_SIZE] = { 1 };

	(void)state;
	add_key(KEY_PERSON, MINE, &mine);
	add_key(KEY_COORDINATORS, 0, &coordinators);
	whole_conversation(store);
	assert_int_equal(number("SELECT count(*) FROM seal"), 2);
	assert_int_equal(staff_open(folder, &db, error, sizeof error), OK);
	assert_int_equal(keys_share_put(db, coordinators.id, MINE, share), OK);
	assert_int_equal(keys_share_get(db, coordinators.id, MINE, share), OK);
	assert_int_equal(keys_drop_person(db, MINE), OK);
	assert_int_equal(keys_share_get(db, coordinators.id, MINE, share), ERR_NOT_FOUND);
	staff_close(&db);
	assert_int_equal(number("SELECT count(*) FROM seal"), 1);
	assert_int_equal(number("SELECT count(*) FROM sealing WHERE kind = 1"), 0);
	assert_true(opens(&coordinators));
	store_close(&store);
}

static void a_new_key_retires_the_old(void **state)
{
	struct pair first, second;
	struct sealing_key key, weak = { .kind = KEY_RECOVERY };
	char error[512];
	struct staff_db *db;

	(void)state;
	add_key(KEY_COORDINATORS, 0, &first);
	add_key(KEY_COORDINATORS, 0, &second);
	assert_int_equal(staff_open(folder, &db, error, sizeof error), OK);
	assert_int_equal(keys_current(db, KEY_COORDINATORS, 0, &key), OK);
	assert_int_equal(key.id, second.id);
	assert_int_equal(keys_put(db, &weak), ERR_INVALID); /* all zero */
	assert_int_equal(keys_current(db, KEY_RECOVERY, 0, &key), ERR_NOT_FOUND);
	staff_close(&db);
}

static int set_up(void **state)
{
	clock_fake(start, 1000);
	return folder_set_up(state);
}

static int tear_down(void **state)
{
	clock_real();
	return folder_tear_down(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(closing_seals_to_all_who_may_and_destroys_the_wrap),
		TEST(without_an_emergency_key_nothing_is_lost_and_it_is_sealed_later),
		TEST(times_are_cut_to_the_hour), TEST(its_visitor_can_read_and_reopen_it),
		TEST(a_backup_of_sealed_contacts_is_sound),
		TEST(notes_and_contacts_are_shredded_each_in_its_time),
		TEST(each_day_proves_what_was_shredded_and_that_nothing_is_overdue),
		TEST(one_contact_is_forgotten_when_asked), TEST(an_open_one_is_closed_first),
		TEST(who_leaves_takes_their_seals_along),
		TEST(a_new_key_retires_the_old) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
