/* What the queue shows of who waits. */
#include "tests/unit/console/window.h"

static struct contact *begin(void)
{
	struct command command = { .kind = COMMAND_START, .author = AUTHOR_VISITOR,
		.channel = CHANNEL_CHAT, .id = "abcdefghijklmnopqrstuv" };
	assert_int_equal(desk_submit(desk, &command), OK);
	real_pump("\"messages\":0");
	return desk_queue(desk)->order[0];
}

static void write_messages(const struct contact *contact, uint32_t count)
{
	char id[16];
	for (uint32_t i = 1; i <= count; i++) {
		struct command command = { .kind = COMMAND_SAY, .author = AUTHOR_VISITOR,
			.contact = contact->id, .id = id, .text = "nog iets", .length = 8 };
		snprintf(id, sizeof id, "say-%u", i);
		assert_int_equal(desk_submit(desk, &command), OK);
	}
	while (contact->messages < count) {
		struct pollfd wait = { .fd = wake_fd, .events = POLLIN };
		uint64_t off;
		assert_int_equal(poll(&wait, 1, 60000), 1);
		(void)!read(wake_fd, &off, sizeof off);
		desk_pump(desk);
	}
}

static void the_number_of_messages_comes_with_the_next_tick(void **state)
{
	struct contact *contact;
	(void)state;
	sign_in();
	contact = begin();
	*said = '\0';
	write_messages(contact, 3);
	assert_null(strstr(said, "\"messages\"")); /* not one for each */
	desk_tick(desk);
	real_expect("\"messages\":3");
	*said = '\0';
	desk_tick(desk);
	assert_null(strstr(said, "\"messages\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_A_DESK(the_number_of_messages_comes_with_the_next_tick),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
