/* What touches the key of all coordinators wants to know anew who sits there. */
#include "tests/unit/console/window.h"

#define PUBLIC "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" /* 32 bytes */
#define SEALED \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct {
	const char *frame;
	enum archive_kind kind;
} acts[] = { { "{\"t\":\"group\",\"id\":\"" ID "\",\"key\":1,\"public\":\"" PUBLIC
		"\",\"sealed\":\"" SEALED "\"}",
		     ARCHIVE_GROUP },
	{ "{\"t\":\"share\",\"id\":\"" ID "\",\"key\":1,\"staff\":2,\"sealed\":\"" SEALED "\"}",
		ARCHIVE_SHARE },
	{ "{\"t\":\"rotated\",\"id\":\"" ID "\"}", ARCHIVE_ROTATED } };
enum { ACTS = sizeof acts / sizeof *acts };

static void begin(enum signin_kind kind, enum staff_role role)
{
	struct signin_answer answer = answer_of(kind, SIGNIN_OK);
	answer.person.role = role;
	window_signed(window, &answer);
}

static void each_is_let_by(bool through)
{
	for (int i = 0; i < ACTS; i++) {
		looked = (struct archive_question) { .kind = ARCHIVE_CHECK };
		hear(acts[i].frame);
		if (through)
			assert_int_equal(looked.kind, acts[i].kind);
		else
			assert_string_equal(said, "{\"t\":\"no\",\"id\":\"" ID "\",\"code\":\"prove\"}\n");
		assert_int_equal(looked.kind, through ? acts[i].kind : ARCHIVE_CHECK);
	}
}

static void a_session_that_goes_on_is_no_proof(void **state)
{
	(void)state;
	begin(SIGNIN_RESUME, ROLE_COORDINATOR);
	each_is_let_by(false);
	hear("{\"t\":\"keys\",\"id\":\"" ID "\"}"); /* what changes nothing goes on */
	assert_int_equal(looked.kind, ARCHIVE_KEYS);
}

static void nor_is_the_provider(void **state)
{
	(void)state;
	begin(SIGNIN_SIGNON, ROLE_COORDINATOR);
	each_is_let_by(false);
}

static void a_proof_counts_for_five_minutes(void **state)
{
	static const enum signin_kind kinds[] = { SIGNIN_UNLOCK, SIGNIN_PASSKEY_UNLOCK };
	(void)state;
	begin(SIGNIN_RESUME, ROLE_COORDINATOR);
	for (int i = 0; i < 2; i++) {
		struct signin_answer answer = answer_of(kinds[i], SIGNIN_WRONG);
		window_signed(window, &answer);
		each_is_let_by(false);
		answer.result = SIGNIN_OK;
		*said = '\0';
		window_signed(window, &answer);
		assert_string_equal(said, "{\"t\":\"ok\",\"id\":\"" ID "\"}\n"); /* it was not locked: all the rest is known */
		each_is_let_by(true);
		clock_advance(WINDOW_PROVED_SECONDS * INT64_C(1000) - 1);
		each_is_let_by(true);
		clock_advance(1);
		each_is_let_by(false);
	}
}

static void whoever_just_signed_in_is_not_asked_twice(void **state)
{
	(void)state;
	begin(SIGNIN_PASSWORD, ROLE_COORDINATOR);
	each_is_let_by(true);
	window_destroy(&window);
	window = window_create(desk, config, false, &line, NULL);
	begin(SIGNIN_PASSKEY, ROLE_COORDINATOR);
	each_is_let_by(true);
}

static void whose_role_it_is_not_is_refused_by_the_archive(void **state)
{
	(void)state;
	begin(SIGNIN_RESUME, ROLE_COUNSELLOR);
	each_is_let_by(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_A_DESK(a_session_that_goes_on_is_no_proof),
		WITH_A_DESK(nor_is_the_provider),
		WITH_A_DESK(a_proof_counts_for_five_minutes),
		WITH_A_DESK(whoever_just_signed_in_is_not_asked_twice),
		WITH_A_DESK(whose_role_it_is_not_is_refused_by_the_archive),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
