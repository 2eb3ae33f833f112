/* The proof of each day, made by itself: when, what stands in it, and what becomes of it. */
#include "store/proof.h"
#include "base/clock.h"
#include "base/log.h"
#include "tests/unit/store/asking.h"

#include <fcntl.h>
#include <jansson.h>
#include <sodium.h>
#include <sys/stat.h>

enum { MINUTE = 60000, HOUR = 60 * MINUTE };
static const int64_t day = INT64_C(86400000), midnight = INT64_C(1795564800000); /* 2026-11-25, UTC */
static const struct store_retention days = { .chat_days = 90, .telephone_days = 30, .notes_days = 10,
	.return_hours = 24, .audit_days = 30, .backup_days = 14, .proof_hour = 3 };
static char logged[4096];

static void on_log(const char *line, void *arg)
{
	(void)arg;
	snprintf(logged + strlen(logged), sizeof logged - strlen(logged), "%s\n", line);
}

/* One more turn, of a minute later. */
static void keep(struct store *store)
{
	clock_advance(MINUTE);
	store_keep(store, &days);
	asking_pump(store);
}

static char *in(const char *name)
{
	static char path[160];
	snprintf(path, sizeof path, "%s/proofs/%s", folder, name);
	return path;
}

static bool there(const char *name)
{
	return !access(in(name), F_OK);
}

static char *content(const char *name)
{
	static char text[4096];
	FILE *file = fopen(in(name), "re");
	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void make(const char *name)
{
	close(open(in(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static void each_day_at_its_hour(void **state)
{
	struct store *store = asking_open();

	(void)state;
	clock_fake(midnight + 3 * HOUR - 2 * MINUTE - 1, MINUTE);
	keep(store); /* 02:58:59.999: that of the day before yesterday is due long since */
	assert_true(there("2026-11-23.json"));
	keep(store); /* 02:59:59.999 */
	assert_false(there("2026-11-24.json"));
	clock_fake(midnight + 3 * HOUR - MINUTE, 3 * MINUTE + 1000);
	keep(store); /* 03:00:00.000 */
	assert_true(there("2026-11-24.json"));
	clock_advance(day - 3 * MINUTE);
	keep(store);
	assert_false(there("2026-11-25.json"));
	clock_advance(2 * MINUTE);
	keep(store);
	assert_true(there("2026-11-25.json"));
	assert_non_null(strstr(logged, "audit head"));
	assert_non_null(strstr(logged, "the day's proof"));
	store_close(&store);
}

static void it_tells_what_was_shredded_and_is_signed(void **state)
{
	struct store *store;
	struct store_write write = { .change = CHANGE_OPEN, .channel = CHANNEL_CHAT };
	struct stat about;
	char *text;

	(void)state;
	clock_fake(midnight - 91 * day, MINUTE);
	store = asking_open();
	write.event = (struct event) { .contact = 7, .kind = EVENT_OPENED, .time = clock_wall() };
	assert_int_equal(asking_write(store, &write).err, OK);
	write.change = CHANGE_CLOSE;
	write.event.kind = EVENT_CLOSED;
	assert_int_equal(asking_write(store, &write).err, OK);
	clock_fake(midnight + 12 * HOUR, 2 * MINUTE);
	keep(store); /* shredded on the 25th */
	clock_advance(day);
	keep(store);
	store_close(&store);
	text = content("2026-11-25.json");
	assert_int_equal(stat(in("2026-11-25.json"), &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);

	json_t *read = json_loads(text, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(read, "day")), "2026-11-25");
	const json_t *shredded = json_object_get(read, "shredded"), *kept = json_object_get(read, "kept");
	assert_int_equal(json_integer_value(json_object_get(shredded, "chats")), 1);
	assert_int_equal(json_integer_value(json_object_get(kept, "closed")), 0);
	assert_int_equal(json_integer_value(json_object_get(kept, "overdue")), 0);
	assert_non_null(json_string_value(json_object_get(json_object_get(read, "audit_head"), "hash")));
	uint8_t signature[AUDIT_SIGNATURE_SIZE], public[AUDIT_PUBLIC_SIZE];
	const char *hex = json_string_value(json_object_get(read, "signature"));
	assert_int_equal(sodium_hex2bin(signature, sizeof signature, hex, strlen(hex), NULL, NULL, NULL), 0);
	hex = json_string_value(json_object_get(read, "public"));
	assert_int_equal(sodium_hex2bin(public, sizeof public, hex, strlen(hex), NULL, NULL, NULL), 0);
	size_t length = (size_t)(strrchr(text, '}') - text);
	for (int commas = 0; commas < 2; length--)
		commas += text[length - 1] == ',';
	assert_int_equal(crypto_sign_verify_detached(signature, (const uint8_t *)text, length, public), 0);
	text[10] ^= 1;
	assert_int_not_equal(
		crypto_sign_verify_detached(signature, (const uint8_t *)text, length, public), 0);
	json_decref(read);
}

static void one_that_is_there_is_not_written_anew(void **state)
{
	struct store *store = asking_open();
	char before[4096];

	(void)state;
	clock_fake(midnight + 4 * HOUR, MINUTE);
	keep(store);
	snprintf(before, sizeof before, "%s", content("2026-11-24.json"));
	store_close(&store);
	store = asking_open(); /* a restart on the same day */
	clock_advance(HOUR);
	keep(store);
	assert_string_equal(content("2026-11-24.json"), before);
	assert_false(there("part"));
	store_close(&store);
}

static void the_oldest_go_with_the_audit_log(void **state)
{
	struct store *store = asking_open();

	(void)state;
	clock_fake(midnight + 4 * HOUR, MINUTE);
	mkdir(in(""), 0700);
	make("2026-10-24.json");
	make("2026-10-25.json");
	make("2026-10-24.json.mine");
	keep(store);
	assert_false(there("2026-10-24.json"));
	assert_true(there("2026-10-25.json")); /* 30 days before the 24th of November */
	assert_true(there("2026-10-24.json.mine"));
	store_close(&store);
}

static void one_that_cannot_be_written_is_told_and_tried_again(void **state)
{
	struct store *store = asking_open();
	char path[160];

	(void)state;
	clock_fake(midnight + 4 * HOUR, MINUTE);
	snprintf(path, sizeof path, "%s/proofs", folder);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)); /* in the way */
	keep(store);
	assert_non_null(strstr(logged, "the day's proof cannot be written"));
	assert_int_equal(unlink(path), 0);
	keep(store);
	assert_true(there("2026-11-24.json"));
	store_close(&store);
}

static int set_up(void **state)
{
	*logged = '\0';
	log_threshold(LOG_INFO);
	log_capture(on_log, NULL);
	return sodium_init() < 0 ? -1 : folder_set_up(state);
}

static int tear_down(void **state)
{
	log_capture(NULL, NULL);
	clock_real();
	return folder_tear_down(state);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = { IN_A_FOLDER(each_day_at_its_hour),
		IN_A_FOLDER(it_tells_what_was_shredded_and_is_signed),
		IN_A_FOLDER(one_that_is_there_is_not_written_anew),
		IN_A_FOLDER(the_oldest_go_with_the_audit_log),
		IN_A_FOLDER(one_that_cannot_be_written_is_told_and_tried_again) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
