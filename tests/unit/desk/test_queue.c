#include "desk/queue.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

static struct contact *waiting(uint64_t id, enum triage_level level, int64_t arrived, int64_t due)
{
	struct contact *contact = contact_create(id);
	contact->level = level;
	contact->arrived = arrived;
	contact->due = due;
	return contact;
}

static void danger_goes_first_then_the_deadline_then_arrival(void **state)
{
	struct queue queue = { 0 };
	struct contact *late = waiting(1, LEVEL_NONE, 0, 1800);
	struct contact *serious = waiting(2, LEVEL_SERIOUS, 1000, 1300);
	struct contact *danger = waiting(3, LEVEL_IMMEDIATE, 1200, 1500);
	struct contact *patient = waiting(4, LEVEL_NONE, -700, 1100); /* waited so long it leads */
	struct contact *same_due = waiting(5, LEVEL_NONE, -1, 1800);

	(void)state;
	queue_offer(&queue, late);
	queue_offer(&queue, serious);
	queue_offer(&queue, danger);
	queue_offer(&queue, patient);
	queue_offer(&queue, same_due);
	assert_int_equal(queue_place(&queue, danger), 1);
	assert_int_equal(queue_place(&queue, patient), 2);
	assert_int_equal(queue_place(&queue, serious), 3);
	assert_int_equal(queue_place(&queue, same_due), 4);
	assert_int_equal(queue_place(&queue, late), 5);
	assert_int_equal(queue.immediate, 1);
	assert_true(queue_remove(&queue, danger));
	assert_false(queue_remove(&queue, danger));
	assert_int_equal(queue.immediate, 0);
	assert_int_equal(queue_place(&queue, patient), 1);
	queue_finish(&queue);
	contact_destroy(&late);
	contact_destroy(&serious);
	contact_destroy(&danger);
	contact_destroy(&patient);
	contact_destroy(&same_due);
}

static void practice_stands_behind_whoever_is_real(void **state)
{
	struct queue queue = { 0 };
	struct contact *real = waiting(1, LEVEL_NONE, 1000, 9000);
	struct contact *practice = waiting(2, LEVEL_IMMEDIATE, 0, 100);

	(void)state;
	practice->practice = true;
	queue_offer(&queue, practice);
	queue_offer(&queue, real);
	assert_int_equal(queue_place(&queue, real), 1);
	assert_int_equal(queue_place(&queue, practice), 2);
	assert_int_equal(queue.immediate, 0); /* a real visitor is not told that danger goes first */
	queue_finish(&queue);
	contact_destroy(&real);
	contact_destroy(&practice);
}

static void a_thousand_at_random_stay_in_order(void **state)
{
	enum { COUNT = 1000 };
	struct contact *all[COUNT];
	struct queue queue = { 0 };

	(void)state;
	srand(7);
	for (int i = 0; i < COUNT; i++) {
		all[i] = waiting((uint64_t)i + 1, (enum triage_level)(rand() % 4), rand() % 50,
			rand() % 90);
		queue_offer(&queue, all[i]);
	}
	for (int i = 0; i < COUNT; i += 3)
		assert_true(queue_remove(&queue, all[i]));
	for (uint32_t i = 1; i < queue.length; i++)
		assert_true(queue_compare(queue.order[i - 1], queue.order[i]) < 0);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(queue_place(&queue, all[i]) == 0, i % 3 == 0);
	for (int i = 0; i < COUNT; i++)
		contact_destroy(&all[i]);
	queue_finish(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(danger_goes_first_then_the_deadline_then_arrival),
		cmocka_unit_test(practice_stands_behind_whoever_is_real),
		cmocka_unit_test(a_thousand_at_random_stay_in_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
