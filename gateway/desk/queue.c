#include "desk/queue.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static int order_of(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static bool in_danger(const struct contact *contact)
{
	return contact->level == LEVEL_IMMEDIATE;
}

int queue_compare(const struct contact *a, const struct contact *b)
{
	int result = (int)a->practice - (int)b->practice;
	if (!result)
		result = (int)in_danger(b) - (int)in_danger(a);
	if (!result)
		result = order_of(a->due, b->due);
	if (!result)
		result = order_of(a->arrived, b->arrived);
	if (!result)
		result = a->id < b->id ? -1 : a->id > b->id;
	return result;
}

/* The first index whose contact does not stand before this one. */
static uint32_t position(const struct queue *queue, const struct contact *contact)
{
	uint32_t low = 0, high = queue->length;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (queue_compare(queue->order[middle], contact) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void queue_finish(struct queue *queue)
{
	free(queue->order);
	*queue = (struct queue) { 0 };
}

void queue_offer(struct queue *queue, struct contact *contact)
{
	uint32_t at = position(queue, contact);
	if (queue->length == queue->capacity) {
		queue->capacity = queue->capacity ? queue->capacity * 2 : 64;
		queue->order = mem_grow(queue->order, queue->capacity, sizeof *queue->order);
	}
	memmove(queue->order + at + 1, queue->order + at,
		(queue->length - at) * sizeof *queue->order);
	queue->order[at] = contact;
	queue->length++;
	queue->immediate += in_danger(contact) && !contact->practice;
}

bool queue_remove(struct queue *queue, const struct contact *contact)
{
	uint32_t place = queue_place(queue, contact);
	if (!place)
		return false;
	memmove(queue->order + place - 1, queue->order + place,
		(queue->length - place) * sizeof *queue->order);
	queue->length--;
	queue->immediate -= in_danger(contact) && !contact->practice;
	return true;
}

uint32_t queue_place(const struct queue *queue, const struct contact *contact)
{
	uint32_t at = position(queue, contact);
	return at < queue->length && queue->order[at] == contact ? at + 1 : 0;
}
