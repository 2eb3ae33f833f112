#include "base/mailbox.h"
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sched.h>

#define PER_THREAD 20000
#define THREADS 4

static void test_full_is_an_answer(void **state)
{
	struct mailbox *box = mailbox_create(2, sizeof(int), NULL, NULL);
	int value = 1;
	(void)state;
	assert_int_equal(mailbox_post(box, &value), OK);
	assert_int_equal(mailbox_post(box, &value), OK);
	assert_int_equal(mailbox_post(box, &value), ERR_BUSY);
	int got[4];
	assert_int_equal(mailbox_take(box, got, 4), 2);
	assert_int_equal(mailbox_take(box, got, 4), 0);
	mailbox_destroy(&box);
	assert_null(box);
}

static void test_order_across_the_wrap(void **state)
{
	struct mailbox *box = mailbox_create(5, sizeof(int), NULL, NULL);
	int next = 0, expected = 0, got[5];
	(void)state;
	for (int round = 0; round < 50; round++) {
		int count = 1 + round % 5;
		for (int i = 0; i < count; i++, next++)
			assert_int_equal(mailbox_post(box, &next), OK);
		assert_int_equal(mailbox_take(box, got, 5), count);
		for (int i = 0; i < count; i++)
			assert_int_equal(got[i], expected++);
	}
	mailbox_destroy(&box);
}

static void *sender(void *arg)
{
	struct mailbox *box = arg;
	for (int i = 1; i <= PER_THREAD; i++)
		while (mailbox_post(box, &i) == ERR_BUSY)
			sched_yield();
	return NULL;
}

static void test_nothing_is_lost_between_threads(void **state)
{
	struct mailbox *box = mailbox_create(64, sizeof(int), NULL, NULL);
	pthread_t threads[THREADS];
	long long sum = 0;
	size_t seen = 0;
	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sender, box), 0);
	while (seen < (size_t)THREADS * PER_THREAD) {
		int got[32];
		size_t count = mailbox_wait(box, got, 32);
		for (size_t i = 0; i < count; i++)
			sum += got[i];
		seen += count;
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(sum, (long long)THREADS * PER_THREAD * (PER_THREAD + 1) / 2);
	mailbox_close(box);
	int got;
	assert_int_equal(mailbox_wait(box, &got, 1), 0);
	assert_int_equal(mailbox_post(box, &got), ERR_BUSY);
	mailbox_destroy(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_is_an_answer),
		cmocka_unit_test(test_order_across_the_wrap),
		cmocka_unit_test(test_nothing_is_lost_between_threads),
	};
	return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
