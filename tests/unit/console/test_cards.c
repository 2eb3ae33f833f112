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

static void pump_once(void)
{
	struct pollfd wait = { .fd = wake_fd, .events = POLLIN };
	uint64_t off;
	assert_int_equal(poll(&wait, 1, 60000), 1);
	(void)!read(wake_fd, &off, sizeof off);
	desk_pump(desk);
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
	while (contact->messages < count)
		pump_once();
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

static void who_may_not_see_any_more_has_nothing(void **state)
{
	char frame[128], public[CONTACT_PUBLIC_ID];
	struct signin_answer answer = answer_of(SIGNIN_RESUME, SIGNIN_OK);
	struct window *other = window_create(desk, config, false, &line, NULL);
	struct contact *contact;
	(void)state;
	sign_in();
	contact = begin();
	contact_public_id(contact->id, public);
	snprintf(frame, sizeof frame, "{\"t\":\"duty\",\"id\":\"" ID "\",\"duty\":\"off\"}");
	hear(frame);
	snprintf(frame, sizeof frame, "{\"t\":\"take\",\"id\":\"" ID "x\",\"contact\":\"%s\"}", public);
	hear(frame);
	real_pump("\"t\":\"contact\"");
	window_destroy(&window);
	window = other;
	*said = '\0';
	answer.person.role = ROLE_AUDITOR;
	window_signed(window, &answer);
	assert_null(strstr(said, public)); /* before it is back in the queue, too */
	write_messages(contact, 1);
	while (contact->state != CONTACT_WAITING)
		pump_once();
	assert_null(strstr(said, "nog iets"));
	assert_null(strstr(said, "\"t\":\"events\""));
	real_expect("\"why\":\"returned\""); /* that it is gone is all that is said */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_A_DESK(the_number_of_messages_comes_with_the_next_tick),
		WITH_A_DESK(who_may_not_see_any_more_has_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
