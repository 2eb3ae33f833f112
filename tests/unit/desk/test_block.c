/* Whom a counsellor blocks: for how long, what is refused, and what is not touched. */
#include "tests/unit/desk/levels.h"

enum { SCHOOL = 7, ELSEWHERE = 8 };

static uint64_t from(uint64_t network)
{
	uint64_t port = desk_visitor_port(desk, &listener, visitor_name);
	desk_visitor_network(desk, port, network);
	return port;
}

static enum err begin(const char *id, uint64_t network)
{
	return submit((struct command) { .kind = COMMAND_START, .author = AUTHOR_VISITOR,
		.channel = CHANNEL_CHAT, .id = id, .port = from(network) });
}

static enum err close_it(uint64_t anke, uint64_t contact, bool block)
{
	return submit((struct command) { .kind = COMMAND_CLOSE, .author = AUTHOR_COUNSELLOR, .staff = 1,
		.port = anke, .contact = contact, .id = "close-it", .block = block });
}

/* A chat from the school, taken. */
static uint64_t taken(uint64_t *anke)
{
	uint64_t contact = start(START_A, from(SCHOOL));
	*anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	assert_int_equal(by(1, *anke, COMMAND_TAKE, contact, "take-it", NULL), OK);
	return contact;
}

static void it_ends_to_the_second(void **state)
{
	uint64_t anke, contact = taken(&anke);

	(void)state;
	config.desk.block_minutes = 30;
	assert_int_equal(close_it(anke, contact, true), OK);
	assert_int_equal(begin(START_B, SCHOOL), ERR_BLOCKED);
	assert_int_equal(desk_blocked(desk, from(SCHOOL), 0), 30 * 60);
	assert_int_equal(begin(START_B, ELSEWHERE), OK);
	clock_advance(30 * 60000 - 1);
	assert_int_equal(begin(START_C, SCHOOL), ERR_BLOCKED);
	assert_int_equal(desk_blocked(desk, from(SCHOOL), 0), 1);
	clock_advance(1);
	assert_int_equal(desk_blocked(desk, from(SCHOOL), 0), 0);
	assert_int_equal(begin(START_C, SCHOOL), OK);
}

static void an_ordinary_end_blocks_nobody(void **state)
{
	uint64_t anke, contact = taken(&anke);

	(void)state;
	config.desk.block_minutes = 30;
	assert_int_equal(close_it(anke, contact, false), OK);
	assert_int_equal(begin(START_B, SCHOOL), OK);
}

static void what_goes_on_is_not_touched(void **state)
{
	uint64_t anke, contact = taken(&anke), other = start(START_B, from(SCHOOL));
	struct contact *found;
	uint64_t port;

	(void)state;
	config.desk.block_minutes = 30;
	assert_int_equal(close_it(anke, contact, true), OK);
	assert_int_equal(say(other, "1", "ook hier"), OK);
	assert_int_equal(desk_visitor_attach(desk, last_secret, &listener, visitor_name, &port, &found),
		OK);
	assert_int_equal(begin(START_B, SCHOOL), OK); /* its start, sent again */
}

static void the_conversation_itself_is_blocked_from_anywhere(void **state)
{
	uint64_t anke, contact = taken(&anke);
	char secret[DESK_SECRET_SIZE];
	struct command again = { .kind = COMMAND_REOPEN, .author = AUTHOR_VISITOR, .contact = contact,
		.id = "again-1", .text = secret, .length = DESK_SECRET_SIZE - 1, .port = from(ELSEWHERE) };

	(void)state;
	strcpy(secret, last_secret);
	config.desk.block_minutes = 1;
	assert_int_equal(close_it(anke, contact, true), OK);
	assert_int_equal(submit(again), ERR_BLOCKED);
	clock_advance(60000);
	assert_int_equal(submit(again), OK);
}

static void a_network_that_is_not_known_is_not_blocked(void **state)
{
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	uint64_t contact = start(START_A, from(0));

	(void)state;
	config.desk.block_minutes = 30;
	assert_int_equal(by(1, anke, COMMAND_TAKE, contact, "take-it", NULL), OK);
	assert_int_equal(close_it(anke, contact, true), OK);
	assert_int_equal(begin(START_B, 0), OK);
}

static void a_call_is_not_blocked(void **state)
{
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);
	struct command call = { .kind = COMMAND_START, .author = AUTHOR_VISITOR,
		.channel = CHANNEL_TELEPHONE, .id = START_A, .port = from(0) };

	(void)state;
	desk_staff_telephone(desk, 1, "anke");
	assert_int_equal(submit(call), OK);
	uint64_t contact = last.contact->id;
	assert_int_equal(by(1, anke, COMMAND_TAKE, contact, "take-it", NULL), OK);
	assert_int_equal(close_it(anke, contact, true), ERR_INVALID);
	assert_int_equal(close_it(anke, contact, false), OK);
}

static void a_restart_ends_it_and_nothing_of_it_is_kept(void **state)
{
	uint64_t anke, contact = taken(&anke);

	(void)state;
	config.desk.block_minutes = 30;
	assert_int_equal(desk_contact(desk, contact)->network, SCHOOL);
	assert_int_equal(close_it(anke, contact, true), OK);
	assert_int_equal(desk_contact(desk, contact)->network, 0);
	desk_destroy(&desk);
	open_desk();
	assert_int_equal(begin(START_B, SCHOOL), OK);
}

static void one_too_many_takes_the_place_of_the_first_to_end(void **state)
{
	char id[40];
	uint64_t anke = desk_counsellor_attach(desk, 1, "Anke", &listener, anke_name);

	(void)state;
	config.desk.block_minutes = 30;
	for (unsigned i = 0; i <= DESK_BLOCKS; i++) {
		snprintf(id, sizeof id, "%030u", i);
		uint64_t contact = start(id, from(1000 + i));
		assert_int_equal(by(1, anke, COMMAND_TAKE, contact, id, NULL), OK);
		assert_int_equal(submit((struct command) { .kind = COMMAND_CLOSE,
					 .author = AUTHOR_COUNSELLOR, .staff = 1, .port = anke,
					 .contact = contact, .id = "close", .block = true }),
			OK);
		clock_advance(1000);
	}
	assert_int_equal(desk_blocked(desk, from(1000), 0), 0);
	assert_in_range(desk_blocked(desk, from(1001), 0), 1, 1800);
	assert_in_range(desk_blocked(desk, from(1000 + DESK_BLOCKS), 0), 1, 1800);
}

int main(void)
{
	const struct CMUnitTest tests[] = { ON_A_DESK(it_ends_to_the_second),
		ON_A_DESK(an_ordinary_end_blocks_nobody), ON_A_DESK(what_goes_on_is_not_touched),
		ON_A_DESK(the_conversation_itself_is_blocked_from_anywhere),
		ON_A_DESK(a_network_that_is_not_known_is_not_blocked), ON_A_DESK(a_call_is_not_blocked),
		ON_A_DESK(a_restart_ends_it_and_nothing_of_it_is_kept),
		ON_A_DESK(one_too_many_takes_the_place_of_the_first_to_end) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
