#include "store/credentials.h"
#include "base/clock.h"
#include "store/audit.h"
#include "tests/unit/unit.h"

#include "tests/unit/store/folder.h"

#include <sodium.h>

static struct staff_db *db;
static struct staff anke;
static const uint8_t here[STAFF_HASH_SIZE] = { 1 }, there[STAFF_HASH_SIZE] = { 2 };

static int set_up(void **state)
{
	char error[512];
	if (folder_set_up(state) || staff_open(folder, &db, error, sizeof error))
		return -1;
	anke = (struct staff) { .name = "anke", .display = "Anke", .role = ROLE_COUNSELLOR,
		.password = "old", .totp_step = 10 };
	memset(anke.totp, 5, sizeof anke.totp);
	return staff_put(db, &anke) ? -1 : 0;
}

static int tear_down(void **state)
{
	staff_close(&db);
	return folder_tear_down(state);
}

static struct staff_session session_at(const uint8_t hash[STAFF_HASH_SIZE])
{
	struct staff_session session
		= { .staff = anke.id, .created = clock_wall(), .expires = clock_wall() + 1000 };
	memcpy(session.hash, hash, STAFF_HASH_SIZE);
	return session;
}

static bool is_in(const uint8_t hash[STAFF_HASH_SIZE])
{
	struct staff_session read;
	return !staff_session_get(db, hash, &read);
}

static struct staff now(void)
{
	struct staff read;
	assert_int_equal(staff_by_id(db, anke.id, &read), OK);
	return read;
}

/* What the command line did while a password was being verified. */
static void signing_in_undoes_nothing(void **state)
{
	struct staff_session session = session_at(here);
	struct staff verified = anke, other = anke;
	(void)state;

	other.role = ROLE_AUDITOR;
	assert_int_equal(staff_put(db, &other), OK);
	verified.totp_step = 11;
	assert_int_equal(credentials_signed_in(db, &verified, &session), OK);
	assert_int_equal(now().role, ROLE_AUDITOR);
	assert_int_equal(now().totp_step, 11);
	verified.totp_step = 9; /* a one-time code, read before another sign-in */
	session = session_at(there);
	assert_int_equal(credentials_signed_in(db, &verified, &session), OK);
	assert_int_equal(now().totp_step, 11);
	assert_int_equal(credentials_coded(db, &verified), OK);
	assert_int_equal(now().totp_step, 11);
	verified.totp_step = 12;
	assert_int_equal(credentials_coded(db, &verified), OK);
	assert_int_equal(now().totp_step, 12);
	assert_int_equal(now().role, ROLE_AUDITOR);

	other.disabled = true;
	assert_int_equal(staff_put(db, &other), OK);
	assert_int_equal(staff_sessions_end(db, anke.id), OK);
	session = session_at((uint8_t[STAFF_HASH_SIZE]) { 3 });
	assert_int_equal(credentials_signed_in(db, &verified, &session), ERR_STALE);
	assert_int_equal(credentials_coded(db, &verified), ERR_STALE);
	assert_true(now().disabled);
	other.disabled = false;
	*other.password = '\0'; /* reset */
	assert_int_equal(staff_put(db, &other), OK);
	assert_int_equal(credentials_signed_in(db, &verified, &session), ERR_STALE);
	assert_false(is_in(session.hash));
}

static void beyond_the_most_the_oldest_session_ends(void **state)
{
	struct staff_session session = session_at(here);
	(void)state;

	clock_fake(INT64_C(1700000000000), 0);
	for (uint8_t i = 0; i <= STAFF_SESSIONS_MAX; i++) {
		session.hash[0] = i;
		session.created = clock_wall() - (i == STAFF_SESSIONS_MAX ? 1000 : i); /* by time */
		session.expires = clock_wall() + 1000;
		assert_int_equal(credentials_signed_in(db, &anke, &session), OK);
		for (uint8_t j = 0; j <= i; j++) {
			bool oldest = i == STAFF_SESSIONS_MAX && j == STAFF_SESSIONS_MAX - 1;
			session.hash[0] = j;
			assert_int_equal(is_in(session.hash), !oldest);
		}
	}
	clock_real();
}

static void an_invitation_that_was_replaced_serves_nothing(void **state)
{
	struct staff invited = anke, again;
	struct staff_session session = session_at(here);
	(void)state;

	*invited.password = '\0';
	memset(invited.invite, 7, sizeof invited.invite);
	invited.invite_expires = 99;
	assert_int_equal(staff_put(db, &invited), OK);
	assert_int_equal(staff_session_put(db, &session), OK);
	again = invited;
	memset(again.invite, 8, sizeof again.invite);
	assert_int_equal(credentials_invited(db, &again), ERR_STALE);
	strcpy(again.password, "new");
	assert_int_equal(credentials_accepted(db, &again), ERR_STALE);
	assert_string_equal(now().password, "");
	assert_true(is_in(here));

	memset(invited.totp, 6, sizeof invited.totp);
	assert_int_equal(credentials_invited(db, &invited), OK);
	assert_int_equal(now().totp[0], 6);
	strcpy(invited.password, "new");
	assert_int_equal(credentials_accepted(db, &invited), OK);
	assert_string_equal(now().password, "new");
	assert_int_equal(now().invite_expires, 0);
	assert_false(is_in(here));
	assert_int_equal(credentials_accepted(db, &invited), ERR_STALE); /* once */
}

static uint32_t own_key(void)
{
	struct sealing_key key = { .kind = KEY_PERSON, .staff = anke.id, .vault = "old",
		.vault_length = 3 };
	uint8_t private[32];

	randombytes_buf(private, sizeof private);
	assert_int_equal(crypto_scalarmult_base(key.public, private), 0);
	assert_int_equal(keys_put(db, &key), OK);
	return key.id;
}

static const char *vault(void)
{
	static char text[KEYS_VAULT_MAX + 1];
	struct sealing_key key;

	assert_int_equal(keys_current(db, KEY_PERSON, anke.id, &key), OK);
	snprintf(text, sizeof text, "%.*s", (int)key.vault_length, (const char *)key.vault);
	return text;
}

static void count(void *arg, const struct audit_row *row)
{
	unsigned *counts = arg;
	counts[0] += !strcmp(row->what, "password.changed");
	counts[1] += !strcmp(row->what, "authenticator.changed");
}

static void two_sessions(void)
{
	struct staff_session one = session_at(here), two = session_at(there);
	assert_int_equal(staff_session_put(db, &one), OK);
	assert_int_equal(staff_session_put(db, &two), OK);
}

static void a_password_and_its_vault_change_together(void **state)
{
	const struct credentials_change change = { .person = &anke, .session = here };
	uint32_t key = own_key();
	unsigned counts[2] = { 0 };
	(void)state;

	two_sessions();
	assert_int_equal(
		credentials_password(db, &change, "new", 0, NULL, 0), ERR_STALE); /* has a key */
	assert_int_equal(credentials_password(
				 db, &change, "new", key + 1, (const uint8_t *)"new", 3),
		ERR_STALE);
	assert_int_equal(
		credentials_password(db, &change, "new", key, (const uint8_t *)"new", 0),
		ERR_INVALID);
	assert_string_equal(now().password, "old");
	assert_string_equal(vault(), "old");
	assert_true(is_in(there));
	assert_int_equal(
		credentials_password(db, &change, "new", key, (const uint8_t *)"new", 3), OK);
	assert_string_equal(now().password, "new");
	assert_string_equal(vault(), "new");
	assert_true(is_in(here));
	assert_false(is_in(there));
	assert_int_equal(now().totp_step, 10);
	assert_int_equal( /* the one that was verified is no longer theirs */
		credentials_password(db, &change, "newer", key, (const uint8_t *)"newer", 5),
		ERR_STALE);
	assert_string_equal(vault(), "new");
	assert_int_equal(audit_each(db, 0, count, counts), OK);
	assert_int_equal(counts[0], 1);
}

static void a_session_that_ended_changes_nothing(void **state)
{
	static const uint8_t secret[STAFF_TOTP_SIZE] = { 9 };
	struct credentials_change change = { .person = &anke, .session = here };
	struct staff bert = { .name = "bert", .display = "Bert", .role = ROLE_COUNSELLOR,
		.password = "old" };
	(void)state;

	assert_int_equal(credentials_password(db, &change, "new", 0, NULL, 0), ERR_DENIED);
	assert_int_equal(credentials_authenticator(db, &change, secret, 20), ERR_DENIED);
	two_sessions();
	assert_int_equal(staff_put(db, &bert), OK);
	change.person = &bert; /* with hers */
	assert_int_equal(credentials_password(db, &change, "new", 0, NULL, 0), ERR_DENIED);
	assert_string_equal(now().password, "old");
}

static void another_authenticator_counts_its_own_steps(void **state)
{
	static const uint8_t secret[STAFF_TOTP_SIZE] = { 9 };
	const struct credentials_change change = { .person = &anke, .session = here };
	unsigned counts[2] = { 0 };
	(void)state;

	two_sessions();
	assert_int_equal(credentials_authenticator(db, &change, secret, 9), OK);
	assert_memory_equal(now().totp, secret, sizeof secret);
	assert_int_equal(now().totp_step, 9);
	assert_string_equal(now().password, "old");
	assert_true(is_in(here));
	assert_false(is_in(there));
	assert_int_equal(audit_each(db, 0, count, counts), OK);
	assert_int_equal(counts[1], 1);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(signing_in_undoes_nothing),
		IN_A_FOLDER(beyond_the_most_the_oldest_session_ends),
		IN_A_FOLDER(an_invitation_that_was_replaced_serves_nothing),
		IN_A_FOLDER(a_password_and_its_vault_change_together),
		IN_A_FOLDER(a_session_that_ended_changes_nothing),
		IN_A_FOLDER(another_authenticator_counts_its_own_steps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
