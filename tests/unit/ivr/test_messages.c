/* Messages between the line and the core: both sides of their number, found, asked once, forgotten. */
#include "ivr/messages.h"
#include "base/mem.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

static struct messages messages;

static int set_up(void **state)
{
	(void)state;
	messages = (struct messages) { .most = 3 };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	messages_finish(&messages);
	assert_int_equal(messages.count, 0);
	assert_int_equal(messages.kept, 0);
	return 0;
}

static const char *keep(const char *call, const char *bytes)
{
	return messages_keep(&messages, call, mem_copy(bytes, strlen(bytes)), strlen(bytes));
}

static void there_is_room_for_so_many_and_no_more(void **state)
{
	(void)state;
	messages_begin(&messages, "a");
	messages_begin(&messages, "a"); /* asked again: still one */
	messages_begin(&messages, "b");
	assert_true(messages_room(&messages));
	messages_begin(&messages, "c");
	assert_false(messages_room(&messages));
	messages_end(&messages, "nobody");
	assert_false(messages_room(&messages));
	messages_end(&messages, "b");
	assert_true(messages_room(&messages));
}

static void a_kept_one_takes_room_until_it_is_forgotten(void **state)
{
	char reference[MESSAGES_NAME];
	(void)state;

	messages.most = 1;
	messages_begin(&messages, "a");
	snprintf(reference, sizeof reference, "%s", keep("a", "said"));
	messages_end(&messages, "a"); /* its line is gone: the message is not */
	assert_false(messages_room(&messages));
	assert_int_equal(messages.kept, 1);
	messages_forget(&messages, "");
	messages_forget(&messages, "0000000000000000");
	assert_false(messages_room(&messages));
	messages_forget(&messages, reference);
	assert_true(messages_room(&messages));
	assert_int_equal(messages.kept, 0);
	messages_forget(&messages, reference);
}

static void what_was_asked_for_is_given_once(void **state)
{
	const struct message *message;
	char first[MESSAGES_NAME], second[MESSAGES_NAME];
	(void)state;

	messages_begin(&messages, "a");
	snprintf(first, sizeof first, "%s", keep("a", "one"));
	messages_begin(&messages, "a"); /* the same call speaks again */
	snprintf(second, sizeof second, "%s", keep("a", "two"));
	assert_string_not_equal(first, second);
	assert_null(messages_asked(&messages));
	assert_false(messages_ask(&messages, "0000000000000000"));
	assert_false(messages_ask(&messages, ""));
	assert_true(messages_ask(&messages, first));
	message = messages_asked(&messages);
	assert_string_equal(message->call, "a");
	assert_memory_equal(message->bytes, "one", 3);
	assert_null(messages_asked(&messages));
	assert_true(messages_ask(&messages, first)); /* and may be again: the store was busy */
	assert_non_null(messages_asked(&messages));
}

static void one_that_nobody_announced_is_kept_all_the_same(void **state)
{
	(void)state;
	messages.most = 0;
	assert_true(messages_ask(&messages, keep("a", "said")));
	assert_int_equal(messages.count, 1);
}

#define WITH_ROOM(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ROOM(there_is_room_for_so_many_and_no_more),
		WITH_ROOM(a_kept_one_takes_room_until_it_is_forgotten),
		WITH_ROOM(what_was_asked_for_is_given_once),
		WITH_ROOM(one_that_nobody_announced_is_kept_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
