/* Letters: kept over a reopening, sealed on the disk, gone when dropped. */
#include "store/letters.h"
#include "tests/unit/unit.h"

#include "tests/unit/store/folder.h"

#include "store/staff.h"

static struct letter seen[8];
static char bodies[8][64];
static size_t count;

static void on_letter(void *arg, const struct letter *letter)
{
	(void)arg;
	seen[count] = *letter;
	snprintf(bodies[count++], 64, "%.*s", (int)letter->length,
		letter->bytes ? (const char *)letter->bytes : "");
}

static void read_all(struct letters *letters, enum letter_kind kind)
{
	count = 0;
	assert_int_equal(letters_each(letters, kind, on_letter, NULL), OK);
}

static struct letters *opened(void)
{
	struct letters *letters = NULL;
	char error[256] = "";
	if (letters_open(folder, &letters, error, sizeof error))
		fail_msg("%s", error);
	return letters;
}

static bool on_disk(const char *text)
{
	static const char *const files[] = { "onthaal.db", "onthaal.db-wal" };
	static char bytes[1 << 20];
	for (int i = 0; i < 2; i++) {
		char path[128];
		snprintf(path, sizeof path, "%s/%s", folder, files[i]);
		FILE *file = fopen(path, "r");
		size_t length = file ? fread(bytes, 1, sizeof bytes, file) : 0;
		if (file)
			fclose(file);
		if (memmem(bytes, length, text, strlen(text)))
			return true;
	}
	return false;
}

static void letters_are_kept_sealed_and_dropped(void **state)
{
	struct letters *letters = opened();
	struct letter letter = { .id = "one",
		.kind = LETTER_CALLBACK,
		.bytes = "+3220009999",
		.length = 11,
		.due = 5,
		.since = 2 };
	(void)state;
	assert_int_equal(letters_put(letters, &letter), OK);
	strcpy(letter.id, "two");
	letter.since = 1;
	assert_int_equal(letters_put(letters, &letter), OK);
	letter.attempts = 3;
	letter.dead = true;
	strcpy(letter.error, "refused");
	assert_int_equal(letters_put(letters, &letter), OK);
	letters_close(&letters);
	assert_false(on_disk("20009999"));
	letters = opened();
	read_all(letters, LETTER_REQUEST);
	assert_int_equal(count, 0);
	read_all(letters, LETTER_CALLBACK);
	assert_int_equal(count, 2);
	assert_string_equal(seen[0].id, "two"); /* by age */
	assert_string_equal(bodies[1], "+3220009999");
	assert_true(seen[0].dead);
	assert_string_equal(seen[0].error, "refused");
	assert_int_equal(letters_revive(letters, "one"), ERR_NOT_FOUND);
	assert_int_equal(letters_revive(letters, NULL), OK);
	assert_int_equal(letters_drop(letters, "one"), OK);
	read_all(letters, LETTER_CALLBACK);
	assert_int_equal(count, 1);
	assert_false(seen[0].dead);
	assert_int_equal(seen[0].attempts, 0);
	letters_close(&letters);
}

static void a_telephone_is_sealed_with_its_person(void **state)
{
	struct staff_db *db = NULL;
	struct staff person = { .name = "anke", .display = "Anke", .role = ROLE_COUNSELLOR }, read;
	char error[256];
	(void)state;
	assert_int_equal(staff_open(folder, &db, error, sizeof error), OK);
	strcpy(person.telephone, "sip:anke@pbx.invalid");
	assert_int_equal(staff_put(db, &person), OK);
	assert_int_equal(staff_by_name(db, "anke", &read), OK);
	assert_string_equal(read.telephone, "sip:anke@pbx.invalid");
	*person.telephone = '\0';
	assert_int_equal(staff_put(db, &person), OK);
	assert_int_equal(staff_by_name(db, "anke", &read), OK);
	assert_string_equal(read.telephone, "");
	staff_close(&db);
	assert_false(on_disk("pbx.invalid"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			letters_are_kept_sealed_and_dropped, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			a_telephone_is_sealed_with_its_person, folder_set_up, folder_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
