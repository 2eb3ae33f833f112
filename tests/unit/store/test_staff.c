#include "store/staff.h"
#include "base/clock.h"
#include "tests/unit/unit.h"

#include "tests/unit/store/folder.h"

#include <sqlite3.h>

static struct staff_db *opened(void)
{
	char error[512] = "";
	struct staff_db *db = NULL;
	if (staff_open(folder, &db, error, sizeof error))
		fail_msg("%s", error);
	return db;
}

static void a_person_is_kept_whole_and_found_by_any_case(void **state)
{
	struct staff_db *db = opened();
	struct staff person = { .name = "anke", .display = "Anke", .role = ROLE_COORDINATOR,
		.password = "hash", .totp_step = 12, .invite_expires = 99 };
	struct staff read, twin = { .name = "ANKE", .display = "x", .role = ROLE_COUNSELLOR };
	(void)state;
	memset(person.totp, 5, sizeof person.totp);
	memset(person.invite, 6, sizeof person.invite);
	assert_int_equal(staff_put(db, &person), OK);
	assert_int_equal(person.id, 1);
	assert_int_equal(staff_put(db, &twin), ERR_EXISTS);
	assert_int_equal(twin.id, 0);
	assert_int_equal(staff_by_name(db, "Anke", &read), OK);
	assert_int_equal(read.role, ROLE_COORDINATOR);
	assert_memory_equal(read.totp, person.totp, sizeof read.totp);
	assert_int_equal(staff_by_invite(db, person.invite, &read), OK);
	memset(person.invite, 0, sizeof person.invite);
	person.disabled = true;
	assert_int_equal(staff_put(db, &person), OK);
	assert_int_equal(staff_by_id(db, 1, &read), OK);
	assert_true(read.disabled);
	assert_int_equal(staff_by_name(db, "bert", &read), ERR_NOT_FOUND);
	person.id = 77;
	strcpy(person.name, "other");
	assert_int_equal(staff_put(db, &person), ERR_NOT_FOUND);
	staff_close(&db);
}

static void a_session_ends_by_time_by_wish_and_with_its_person(void **state)
{
	struct staff_db *db = opened();
	struct staff person = { .name = "anke", .display = "Anke", .role = ROLE_COUNSELLOR };
	struct staff_session session = { .hash = { 1 }, .expires = 2000 }, read;
	(void)state;
	clock_fake(1000, 0);
	assert_int_equal(staff_put(db, &person), OK);
	session.staff = person.id;
	assert_int_equal(staff_session_put(db, &session), OK);
	clock_fake(1999, 0);
	assert_int_equal(staff_session_get(db, session.hash, &read), OK);
	assert_int_equal(read.staff, person.id);
	clock_fake(2000, 0);
	assert_int_equal(staff_session_get(db, session.hash, &read), ERR_NOT_FOUND);
	clock_fake(1500, 0);
	person.disabled = true;
	assert_int_equal(staff_put(db, &person), OK);
	assert_int_equal(staff_session_get(db, session.hash, &read), ERR_NOT_FOUND);
	person.disabled = false;
	assert_int_equal(staff_put(db, &person), OK);
	assert_int_equal(staff_session_get(db, session.hash, &read), OK);
	assert_int_equal(staff_session_end(db, session.hash), OK);
	assert_int_equal(staff_session_get(db, session.hash, &read), ERR_NOT_FOUND);
	clock_real();
	staff_close(&db);
}

static void the_audit_log_shows_any_change(void **state)
{
	static const char *const changes[] = { "UPDATE audit SET staff = 9 WHERE id = 2",
		"UPDATE audit SET what = 'x' WHERE id = 1", "DELETE FROM audit WHERE id = 2",
		"UPDATE audit SET time = time + 1 WHERE id = 3" };
	char path[128], error[256];
	(void)state;
	snprintf(path, sizeof path, "%s/onthaal.db", folder);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct staff_db *db = opened();
		sqlite3 *sqlite;
		for (uint32_t n = 1; n <= 3; n++)
			assert_int_equal(audit_add(db, n, "sign-in", "{}"), OK);
		assert_int_equal(audit_verify(db, error, sizeof error), OK);
		assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
		assert_int_equal(sqlite3_exec(sqlite, changes[i], NULL, NULL, NULL), SQLITE_OK);
		assert_int_equal(audit_verify(db, error, sizeof error), ERR_CORRUPT);
		assert_int_equal(sqlite3_exec(sqlite,
					 "DELETE FROM audit; DELETE FROM sqlite_sequence", NULL,
					 NULL, NULL),
			SQLITE_OK);
		sqlite3_close(sqlite);
		staff_close(&db);
	}
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_set_up, folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(a_person_is_kept_whole_and_found_by_any_case),
		IN_A_FOLDER(a_session_ends_by_time_by_wish_and_with_its_person),
		IN_A_FOLDER(the_audit_log_shows_any_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
