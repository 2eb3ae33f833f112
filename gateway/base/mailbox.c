#include "base/mailbox.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct mailbox {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	void (*wake)(void *);
	void *wake_arg;
	size_t capacity, value_size, head, length;
	bool closed;
	char *ring;
};

struct mailbox *mailbox_create(
	size_t capacity, size_t value_size, void (*wake)(void *arg), void *wake_arg)
{
	struct mailbox *box = mem_alloc(sizeof *box);
	pthread_mutex_init(&box->lock, NULL);
	pthread_cond_init(&box->filled, NULL);
	box->wake = wake;
	box->wake_arg = wake_arg;
	box->capacity = capacity;
	box->value_size = value_size;
	box->ring = mem_array(capacity, value_size);
	return box;
}

void mailbox_destroy(struct mailbox **box)
{
	if (!*box)
		return;
	pthread_cond_destroy(&(*box)->filled);
	pthread_mutex_destroy(&(*box)->lock);
	free((*box)->ring);
	free(*box);
	*box = NULL;
}

enum err mailbox_post(struct mailbox *box, const void *value)
{
	pthread_mutex_lock(&box->lock);
	if (box->closed || box->length == box->capacity) {
		pthread_mutex_unlock(&box->lock);
		return ERR_BUSY;
	}
	size_t at = (box->head + box->length) % box->capacity;
	memcpy(box->ring + at * box->value_size, value, box->value_size);
	bool was_empty = box->length++ == 0;
	pthread_mutex_unlock(&box->lock);
	if (was_empty) {
		pthread_cond_signal(&box->filled);
		if (box->wake)
			box->wake(box->wake_arg);
	}
	return OK;
}

/* What was taken is gone: passwords and codes go through here. */
static void take_out(struct mailbox *box, char *values, size_t from, size_t count)
{
	char *at = box->ring + from * box->value_size;

	memcpy(values, at, count * box->value_size);
	explicit_bzero(at, count * box->value_size);
}

static size_t take(struct mailbox *box, char *values, size_t most)
{
	size_t count = box->length < most ? box->length : most;
	size_t before_wrap = box->capacity - box->head;
	size_t first = count < before_wrap ? count : before_wrap;

	take_out(box, values, box->head, first);
	take_out(box, values + first * box->value_size, 0, count - first);
	box->head = (box->head + count) % box->capacity;
	box->length -= count;
	return count;
}

size_t mailbox_take(struct mailbox *box, void *values, size_t most)
{
	pthread_mutex_lock(&box->lock);
	size_t count = take(box, values, most);
	pthread_mutex_unlock(&box->lock);
	return count;
}

size_t mailbox_wait(struct mailbox *box, void *values, size_t most)
{
	pthread_mutex_lock(&box->lock);
	while (!box->length && !box->closed)
		pthread_cond_wait(&box->filled, &box->lock);
	size_t count = take(box, values, most);
	pthread_mutex_unlock(&box->lock);
	return count;
}

void mailbox_close(struct mailbox *box)
{
	pthread_mutex_lock(&box->lock);
	box->closed = true;
	pthread_mutex_unlock(&box->lock);
	pthread_cond_broadcast(&box->filled);
}

bool mailbox_closed(struct mailbox *box)
{
	pthread_mutex_lock(&box->lock);
	bool closed = box->closed;
	pthread_mutex_unlock(&box->lock);
	return closed;
}

size_t mailbox_length(struct mailbox *box)
{
	pthread_mutex_lock(&box->lock);
	size_t length = box->length;
	pthread_mutex_unlock(&box->lock);
	return length;
}
