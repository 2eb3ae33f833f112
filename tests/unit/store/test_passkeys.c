#include "store/passkeys.h"
#include "base/clock.h"
#include "tests/unit/unit.h"

#include "tests/unit/store/folder.h"

#include <sqlite3.h>

enum { DAY = 86400000 };

static struct staff_db *opened(void)
{
	static const char *const names[] = { "anke", "bert" };
	char error[512] = "";
	struct staff_db *db = NULL;

	if (staff_open(folder, &db, error, sizeof error))
		fail_msg("%s", error);
	for (size_t i = 0; i < 2; i++) {
		struct staff person = { .role = ROLE_COUNSELLOR }, known;
		strcpy(person.name, names[i]);
		strcpy(person.display, names[i]);
		if (staff_by_name(db, names[i], &known))
			assert_int_equal(staff_put(db, &person), OK);
	}
	return db;
}

static struct passkey passkey_of(uint32_t staff, uint8_t first)
{
	struct passkey passkey = { .staff = staff, .credential_length = 32, .algorithm = -7,
		.public_length = 64, .count = 3, .label = "sleutel" };
	memset(passkey.credential, first, sizeof passkey.credential);
	memset(passkey.public, 7, 64);
	return passkey;
}

static void sql(const char *text)
{
	char path[100];
	sqlite3 *sqlite;

	snprintf(path, sizeof path, "%s/onthaal.db", folder);
	assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
	assert_int_equal(sqlite3_exec(sqlite, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(sqlite);
}

static void it_is_kept_whole_and_found_by_its_credential(void **state)
{
	struct staff_db *db = opened();
	struct passkey passkey = passkey_of(1, 1), read;
	(void)state;

	clock_fake(100 * (int64_t)DAY + 12345, 0);
	assert_int_equal(passkeys_put(db, &passkey), OK);
	assert_int_equal(passkey.id, 1);
	staff_close(&db);
	db = opened();
	assert_int_equal(passkeys_find(db, passkey.credential, 31, &read), ERR_NOT_FOUND);
	assert_int_equal(passkeys_find(db, passkey.credential, 32, &read), OK);
	assert_int_equal(read.staff, 1);
	assert_int_equal(read.algorithm, -7);
	assert_int_equal(read.public_length, 64);
	assert_memory_equal(read.public, passkey.public, 64);
	assert_string_equal(read.label, "sleutel");
	assert_int_equal(read.count, 3);
	assert_int_equal(read.vault_length, 0);
	assert_true(read.created == 100 * (int64_t)DAY); /* the day alone */
	assert_true(read.used == 0);
	clock_advance(DAY);
	assert_int_equal(passkeys_used(db, 1, 9), OK);
	assert_int_equal(passkeys_used(db, 2, 9), ERR_NOT_FOUND);
	assert_int_equal(passkeys_vault(db, 1, 1, (const uint8_t *)"kluis", 5), OK);
	assert_int_equal(passkeys_vault(db, 1, 2, (const uint8_t *)"dief", 4), ERR_NOT_FOUND);
	assert_int_equal(passkeys_vault(db, 1, 1, passkey.credential, PASSKEY_VAULT_MAX + 1),
		ERR_INVALID);
	assert_int_equal(passkeys_find(db, passkey.credential, 32, &read), OK);
	assert_int_equal(read.count, 9);
	assert_true(read.used == 101 * (int64_t)DAY);
	assert_int_equal(read.vault_length, 5);
	assert_memory_equal(read.vault, "kluis", 5);
	clock_real();
	staff_close(&db);
}

static void a_removal_ends_what_it_may_have_begun(void **state)
{
	struct staff_session sessions[] = { { .hash = { 1 }, .staff = 1, .expires = 2000 },
		{ .hash = { 2 }, .staff = 1, .expires = 2000 }, { .hash = { 3 }, .staff = 2, .expires = 2000 } };
	struct staff_db *db = opened();
	struct passkey passkey = passkey_of(1, 1);
	struct staff_session read;
	char error[256];
	(void)state;

	clock_fake(1000, 0);
	assert_int_equal(passkeys_put(db, &passkey), OK);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(staff_session_put(db, &sessions[i]), OK);
	assert_int_equal(passkeys_remove(db, 7, 1, sessions[0].hash), ERR_NOT_FOUND);
	assert_int_equal(staff_session_get(db, sessions[1].hash, &read), OK); /* nothing was done */
	assert_int_equal(passkeys_remove(db, 1, 1, sessions[0].hash), OK);
	assert_int_equal(staff_session_get(db, sessions[0].hash, &read), OK);
	assert_int_equal(staff_session_get(db, sessions[1].hash, &read), ERR_NOT_FOUND);
	assert_int_equal(staff_session_get(db, sessions[2].hash, &read), OK);
	assert_int_equal(audit_verify(db, error, sizeof error), OK);
	clock_real();
	staff_close(&db);
}

static void limits_on_both_sides(void **state)
{
	static const uint8_t mine[STAFF_HASH_SIZE];
	struct staff_db *db = opened();
	struct passkey passkey, again;
	uint32_t count;
	(void)state;

	for (uint8_t i = 1; i <= PASSKEYS_MAX; i++) {
		passkey = passkey_of(1, i);
		assert_int_equal(passkeys_put(db, &passkey), OK);
	}
	passkey = passkey_of(1, 99);
	assert_int_equal(passkeys_put(db, &passkey), ERR_LIMIT);
	assert_int_equal(passkey.id, 0);
	again = passkey_of(2, 1);
	assert_int_equal(passkeys_put(db, &again), ERR_EXISTS); /* it is another's */
	passkey = passkey_of(2, 99);
	passkey.credential_length = PASSKEY_ID_MAX;
	passkey.public_length = PASSKEY_PUBLIC_MAX;
	memset(passkey.label, 'l', PASSKEY_LABEL_MAX);
	assert_int_equal(passkeys_put(db, &passkey), OK);
	assert_int_equal(passkeys_find(db, passkey.credential, PASSKEY_ID_MAX, &again), OK);
	assert_int_equal(strlen(again.label), PASSKEY_LABEL_MAX);
	passkey = passkey_of(2, 98);
	passkey.credential_length = PASSKEY_ID_MAX + 1;
	assert_int_equal(passkeys_put(db, &passkey), ERR_INVALID);
	passkey = passkey_of(2, 98);
	passkey.public_length = PASSKEY_PUBLIC_MAX + 1;
	assert_int_equal(passkeys_put(db, &passkey), ERR_INVALID);
	passkey = passkey_of(2, 98);
	*passkey.label = '\0';
	assert_int_equal(passkeys_put(db, &passkey), ERR_INVALID);
	assert_int_equal(passkeys_remove(db, 1, 2, mine), ERR_NOT_FOUND); /* not mine */
	assert_int_equal(passkeys_remove(db, 1, 1, mine), OK);
	assert_int_equal(passkeys_count(db, 1, &count), OK);
	assert_int_equal(count, PASSKEYS_MAX - 1);
	passkey = passkey_of(1, 99);
	assert_int_equal(passkeys_put(db, &passkey), OK);
	assert_int_equal(passkeys_drop(db, 1), OK);
	assert_int_equal(passkeys_count(db, 1, &count), OK);
	assert_int_equal(count, 0);
	assert_int_equal(passkeys_count(db, 2, &count), OK);
	assert_int_equal(count, 1);
	staff_close(&db);
}

static void count_one(void *arg, const struct passkey *passkey)
{
	assert_string_equal(passkey->label, "sleutel");
	++*(int *)arg;
}

static void whoever_writes_the_database_alone_changes_none(void **state)
{
	static const char *const changes[]
		= { "UPDATE passkey SET staff = 2", "UPDATE passkey SET credential = x'0101'",
			  "UPDATE passkey SET public = zeroblob(108)",
			  "UPDATE passkey SET label = zeroblob(47)",
			  "UPDATE passkey SET public = x''", "UPDATE passkey SET label = x'00'" };
	struct staff_db *db = opened();
	(void)state;

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct passkey passkey = passkey_of(1, 1), read;
		int seen = 0;
		assert_int_equal(passkeys_put(db, &passkey), OK);
		assert_int_equal(passkeys_each(db, 1, count_one, &seen), OK);
		assert_int_equal(seen, 1);
		sql(changes[i]);
		if (i == 1) {
			memset(passkey.credential, 1, 2);
			passkey.credential_length = 2;
		}
		assert_int_equal(passkeys_find(db, passkey.credential, passkey.credential_length,
					 &read),
			ERR_CORRUPT);
		assert_int_equal(
			passkeys_each(db, i ? 1 : 2, count_one, &seen), ERR_CORRUPT);
		assert_int_equal(seen, 1);
		sql("DELETE FROM passkey");
	}
	staff_close(&db);
}

static void a_person_is_known_by_the_same_bytes_each_time(void **state)
{
	struct staff_db *db = opened();
	uint8_t one[PASSKEY_USER_SIZE], again[PASSKEY_USER_SIZE], other[PASSKEY_USER_SIZE];
	(void)state;

	passkeys_user(db, 1, one);
	passkeys_user(db, 2, other);
	staff_close(&db);
	db = opened();
	passkeys_user(db, 1, again);
	assert_memory_equal(one, again, sizeof one);
	assert_memory_not_equal(one, other, sizeof one);
	staff_close(&db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_kept_whole_and_found_by_its_credential,
			folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			limits_on_both_sides, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			a_removal_ends_what_it_may_have_begun, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(whoever_writes_the_database_alone_changes_none,
			folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(a_person_is_known_by_the_same_bytes_each_time,
			folder_set_up, folder_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
