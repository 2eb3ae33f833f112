/* Who is next: immediate danger first, everyone else by deadline, then by arrival; practice behind
 * whoever is real. A contact's place is where it stands in this order, counted from 1. */
#ifndef DESK_QUEUE_H
#define DESK_QUEUE_H

#include "desk/contact.h"

struct queue {
	struct contact **order;
	uint32_t length, capacity, immediate; /* immediate: how many stand in front by danger */
};

void queue_finish(struct queue *queue);
/* The key (practice, level, due, arrived) must not change between offer and remove. */
void queue_offer(struct queue *queue, struct contact *contact);
bool queue_remove(struct queue *queue, const struct contact *contact);
uint32_t queue_place(const struct queue *queue, const struct contact *contact); /* 0: not in it */

int queue_compare(const struct contact *a, const struct contact *b);

#endif
