/* Accounts of the house's own provider, bound to people. */
#include "store/signons.h"
#include "base/clock.h"
#include "tests/unit/unit.h"

#include "tests/unit/store/folder.h"

#include <sqlite3.h>

enum { NOW = 1000000 };

static const uint8_t link_token[STAFF_HASH_SIZE] = { 1 }, other_link[STAFF_HASH_SIZE] = { 2 };
static const uint8_t account[STAFF_HASH_SIZE] = { 3 }, other[STAFF_HASH_SIZE] = { 4 };

static struct staff_db *opened(void)
{
	static const char *const names[] = { "anke", "bert" };
	char error[512] = "";
	struct staff_db *db = NULL;

	clock_fake(NOW, 1);
	if (staff_open(folder, &db, error, sizeof error))
		fail_msg("%s", error);
	for (size_t i = 0; i < 2; i++) {
		struct staff person = { .role = ROLE_COUNSELLOR };
		strcpy(person.name, names[i]);
		strcpy(person.display, names[i]);
		assert_int_equal(staff_put(db, &person), OK);
	}
	return db;
}

static int sql(const char *text)
{
	char path[100];
	sqlite3 *sqlite;
	int code;

	snprintf(path, sizeof path, "%s/onthaal.db", folder);
	assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
	code = sqlite3_exec(sqlite, text, NULL, NULL, NULL);
	sqlite3_close(sqlite);
	return code;
}

static void from_link_to_account(void **state)
{
	struct staff_db *db = opened();
	struct staff person;
	bool bound;
	(void)state;

	assert_int_equal(signons_by_link(db, link_token, &person), ERR_NOT_FOUND);
	assert_int_equal(signons_by_account(db, account, &person), ERR_NOT_FOUND);
	assert_int_equal(signons_bind(db, 1, account), ERR_NOT_FOUND); /* without a link */
	assert_int_equal(signons_link(db, 1, link_token, NOW + 1), OK);
	assert_int_equal(signons_by_link(db, link_token, &person), OK);
	assert_string_equal(person.name, "anke");
	assert_int_equal(signons_by_link(db, other_link, &person), ERR_NOT_FOUND);
	assert_int_equal(signons_bound(db, 1, &bound), OK);
	assert_false(bound);
	assert_int_equal(signons_bind(db, 1, account), OK);
	assert_int_equal(signons_bound(db, 1, &bound), OK);
	assert_true(bound);
	assert_int_equal(signons_by_link(db, link_token, &person), ERR_NOT_FOUND); /* used up */
	assert_int_equal(signons_by_account(db, account, &person), OK);
	assert_string_equal(person.name, "anke");
	assert_int_equal(signons_by_account(db, other, &person), ERR_NOT_FOUND);
	staff_close(&db);
}

static void a_link_expires_and_a_newer_one_replaces_it(void **state)
{
	struct staff_db *db = opened();
	struct staff person;
	(void)state;
	assert_int_equal(signons_link(db, 1, link_token, NOW), OK);
	assert_int_equal(signons_by_link(db, link_token, &person), ERR_NOT_FOUND);
	assert_int_equal(signons_link(db, 1, link_token, NOW + 1000), OK);
	assert_int_equal(signons_bind(db, 1, account), OK);
	assert_int_equal(signons_link(db, 1, link_token, NOW + 1000), OK);
	assert_int_equal(signons_link(db, 1, other_link, NOW + 1000), OK);
	assert_int_equal(signons_by_link(db, link_token, &person), ERR_NOT_FOUND);
	assert_int_equal(signons_by_account(db, account, &person), OK); /* until it is bound anew */
	assert_int_equal(signons_bind(db, 1, other), OK);
	assert_int_equal(signons_by_account(db, account, &person), ERR_NOT_FOUND);
	assert_int_equal(signons_by_account(db, other, &person), OK);
	staff_close(&db);
}

static void an_account_is_one_persons(void **state)
{
	struct staff_db *db = opened();
	struct staff person;
	(void)state;
	assert_int_equal(signons_link(db, 1, link_token, NOW + 1), OK);
	assert_int_equal(signons_link(db, 2, other_link, NOW + 1), OK);
	assert_int_equal(signons_bind(db, 1, account), OK);
	assert_int_equal(signons_bind(db, 2, account), ERR_EXISTS);
	assert_int_equal(signons_by_account(db, account, &person), OK);
	assert_string_equal(person.name, "anke");
	assert_int_equal(signons_drop(db, 1), OK);
	assert_int_equal(signons_by_account(db, account, &person), ERR_NOT_FOUND);
	assert_int_equal(signons_bind(db, 2, account), OK);
	staff_close(&db);
}

/* Who can write the database, and has no server.key, moves an account to nobody. */
static void a_row_that_was_moved_is_not_believed(void **state)
{
	struct staff_db *db = opened();
	struct staff person;
	(void)state;
	assert_int_equal(signons_link(db, 1, link_token, NOW + 1), OK);
	assert_int_equal(signons_bind(db, 1, account), OK);
	assert_int_equal(sql("UPDATE signon SET staff = 2"), SQLITE_OK);
	assert_int_equal(signons_by_account(db, account, &person), ERR_CORRUPT);
	assert_int_equal(sql("UPDATE signon SET staff = 1"), SQLITE_OK);
	assert_int_equal(signons_by_account(db, account, &person), OK);
	staff_close(&db);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_set_up, folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(from_link_to_account),
		IN_A_FOLDER(a_link_expires_and_a_newer_one_replaces_it),
		IN_A_FOLDER(an_account_is_one_persons),
		IN_A_FOLDER(a_row_that_was_moved_is_not_believed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
