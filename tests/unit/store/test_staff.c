#include "store/audit.h"
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

static void rows(struct staff_db *db, uint32_t count)
{
	for (uint32_t n = 1; n <= count; n++)
		assert_int_equal(audit_add(db, n, "sign-in", "{}"), OK);
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

static void the_audit_log_shows_any_change(void **state)
{
	static const char *const changes[] = { "UPDATE audit SET staff = 9 WHERE id = 2",
		"UPDATE audit SET what = 'x' WHERE id = 1", "UPDATE audit SET detail = '[]' WHERE id = 3",
		"UPDATE audit SET detail = detail || char(0) || 'x' WHERE id = 3",
		"UPDATE audit_ends SET last = 9223372036854775807",
		"UPDATE audit SET time = time + 1 WHERE id = 3", "DELETE FROM audit WHERE id = 2",
		"DELETE FROM audit WHERE id = 1", "DELETE FROM audit WHERE id = 4", "DELETE FROM audit",
		"UPDATE audit SET id = 9 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 3;"
		" UPDATE audit SET id = 3 WHERE id = 9",
		"INSERT INTO audit SELECT 5, time, staff, what, detail, hash FROM audit WHERE id = 4",
		"DELETE FROM audit_ends", "UPDATE audit_ends SET last = 3",
		"DELETE FROM audit WHERE id = 4; UPDATE audit_ends SET last = 3,"
		" hash = (SELECT hash FROM audit WHERE id = 3)",
		"DELETE FROM audit WHERE id = 1; UPDATE audit_ends SET first = 2" };
	struct staff_db *db = opened();
	char error[512];

	(void)state;
	assert_int_equal(audit_verify(db, error, sizeof error), OK);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		rows(db, 4);
		assert_int_equal(audit_verify(db, error, sizeof error), OK);
		sql(changes[i]);
		assert_int_equal(audit_verify(db, error, sizeof error), ERR_CORRUPT);
		assert_non_null(strstr(error, "the audit log was changed"));
		assert_int_equal(audit_add(db, 1, "later", "{}"), OK); /* nor does it heal by going on */
		assert_int_equal(audit_verify(db, error, sizeof error), ERR_CORRUPT);
		sql("DELETE FROM audit; DELETE FROM audit_ends");
	}
	staff_close(&db);
}

static void a_log_put_back_as_a_whole_is_found_by_a_noted_head(void **state)
{
	struct staff_db *db = opened();
	struct audit_head early, head;
	char error[512];

	(void)state;
	rows(db, 2);
	assert_int_equal(audit_sign(db, &early), OK);
	sql("CREATE TABLE kept AS SELECT * FROM audit_ends");
	rows(db, 3);
	assert_int_equal(audit_sign(db, &head), OK);
	assert_int_equal(head.last, 5);
	assert_int_equal(audit_had(db, 5, head.hash), OK);
	sql("DELETE FROM audit WHERE id > 2; DELETE FROM audit_ends;"
	    "INSERT INTO audit_ends SELECT * FROM kept; DROP TABLE kept");
	assert_int_equal(audit_verify(db, error, sizeof error), OK);
	assert_int_equal(audit_had(db, 5, head.hash), ERR_CORRUPT);
	assert_int_equal(audit_had(db, 2, early.hash), OK);
	staff_close(&db);
}

static void the_oldest_rows_go_and_the_rest_verifies(void **state)
{
	struct staff_db *db = opened();
	char error[512];
	uint32_t pruned;

	(void)state;
	clock_fake(1000, 0);
	rows(db, 3);
	clock_advance(5000);
	rows(db, 2);
	assert_int_equal(audit_prune(db, 1000, &pruned), OK);
	assert_int_equal(pruned, 0);
	assert_int_equal(audit_prune(db, 5000, &pruned), OK);
	assert_int_equal(pruned, 3);
	assert_int_equal(audit_verify(db, error, sizeof error), OK);
	rows(db, 1);
	assert_int_equal(audit_verify(db, error, sizeof error), OK);
	assert_int_equal(audit_prune(db, INT64_MAX, &pruned), OK);
	assert_int_equal(pruned, 2); /* the newest stays */
	assert_int_equal(audit_verify(db, error, sizeof error), OK);
	sql("DELETE FROM audit");
	assert_int_equal(audit_verify(db, error, sizeof error), ERR_CORRUPT);
	clock_real();
	staff_close(&db);
}

static void settings_are_kept_sealed_and_go_with_their_person(void **state)
{
	struct staff_db *db = opened();
	struct staff person = { .name = "anke", .display = "Anke", .role = ROLE_COUNSELLOR };
	char kept[STAFF_SETTINGS_MAX + 1], most[STAFF_SETTINGS_MAX + 2] = "";

	(void)state;
	assert_int_equal(staff_put(db, &person), OK);
	assert_int_equal(staff_settings_get(db, 1, kept), OK);
	assert_string_equal(kept, "");
	assert_int_equal(staff_settings_put(db, 1, "{\"fold\":true}"), OK);
	staff_close(&db);
	db = opened();
	assert_int_equal(staff_settings_get(db, 1, kept), OK);
	assert_string_equal(kept, "{\"fold\":true}");
	assert_int_equal(staff_settings_get(db, 2, kept), OK);
	assert_string_equal(kept, "");
	assert_int_equal(staff_settings_put(db, 2, "{}"), ERR_NOT_FOUND); /* nobody */
	sql("UPDATE staff SET disabled = 1");
	assert_int_equal(staff_settings_put(db, 1, "{}"), ERR_NOT_FOUND); /* by a window still open */
	sql("UPDATE staff SET disabled = 0");
	memset(most, 'x', STAFF_SETTINGS_MAX);
	assert_int_equal(staff_settings_put(db, 1, most), OK);
	assert_int_equal(staff_settings_get(db, 1, kept), OK);
	assert_string_equal(kept, most);
	most[STAFF_SETTINGS_MAX] = 'x';
	assert_int_equal(staff_settings_put(db, 1, most), ERR_TOO_LONG);
	sql("UPDATE staff_settings SET sealed = x'00'");
	assert_int_equal(staff_settings_get(db, 1, kept), ERR_CORRUPT);
	assert_int_equal(staff_settings_drop(db, 1), OK);
	assert_int_equal(staff_settings_get(db, 1, kept), OK);
	assert_string_equal(kept, "");
	staff_close(&db);
}

static void a_telephone_is_known_by_its_form(void **state)
{
	char most[STAFF_TELEPHONE_MAX + 2] = "";

	(void)state;
	assert_true(staff_telephone_fits("+3225550123"));
	assert_true(staff_telephone_fits("sip:anke@example.org;transport=tls"));
	assert_true(staff_telephone_fits(""));
	assert_false(staff_telephone_fits("02 555"));
	assert_false(staff_telephone_fits("<script>"));
	memset(most, '1', STAFF_TELEPHONE_MAX);
	assert_true(staff_telephone_fits(most));
	most[STAFF_TELEPHONE_MAX] = '1';
	assert_false(staff_telephone_fits(most));
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_set_up, folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(a_person_is_kept_whole_and_found_by_any_case),
		IN_A_FOLDER(a_session_ends_by_time_by_wish_and_with_its_person),
		IN_A_FOLDER(settings_are_kept_sealed_and_go_with_their_person),
		cmocka_unit_test(a_telephone_is_known_by_its_form),
		IN_A_FOLDER(the_audit_log_shows_any_change),
		IN_A_FOLDER(a_log_put_back_as_a_whole_is_found_by_a_noted_head),
		IN_A_FOLDER(the_oldest_rows_go_and_the_rest_verifies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
