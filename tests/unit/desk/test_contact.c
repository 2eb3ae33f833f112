#include "desk/contact.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static void keep(struct contact *contact, uint32_t seq, enum author author, const char *id)
{
	struct event event = { .contact = contact->id,
		.seq = seq,
		.kind = EVENT_MESSAGE,
		.author = author,
		.body = "x",
		.body_length = 1 };
	snprintf(event.client_id, sizeof event.client_id, "%s", id);
	contact_keep(contact, contact_event_create(&event));
}

static void a_request_is_found_by_its_id_and_author(void **state)
{
	enum { COUNT = 3000 };
	struct contact *contact = contact_create(1);
	char id[16];

	(void)state;
	for (uint32_t i = 1; i <= COUNT; i++) {
		snprintf(id, sizeof id, "m%u", i);
		keep(contact, i, i % 3 ? AUTHOR_VISITOR : AUTHOR_COUNSELLOR, i % 7 ? id : "");
		for (uint32_t probe = i > 70 ? i - 70 : 1; probe <= i; probe += 13) {
			const struct contact_event *found;
			enum author author = probe % 3 ? AUTHOR_VISITOR : AUTHOR_COUNSELLOR;
			snprintf(id, sizeof id, "m%u", probe);
			found = contact_event_by_id(contact, author, id);
			assert_int_equal(found != NULL, probe % 7 != 0);
			assert_true(!found || found->seq == probe);
			assert_null(contact_event_by_id(contact, AUTHOR_SYSTEM, id));
		}
	}
	assert_null(contact_event_by_id(contact, AUTHOR_VISITOR, ""));
	assert_null(contact_event_by_id(contact, AUTHOR_VISITOR, "m0"));
	contact_destroy(&contact);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_found_by_its_id_and_author),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
