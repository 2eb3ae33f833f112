#include "ivr/messages.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool messages_room(const struct messages *messages)
{
	return messages->count < messages->most;
}

/* reference "": the one that this call is speaking. */
static struct message **find(struct messages *messages, const char *call, const char *reference)
{
	struct message **at = &messages->first;

	while (*at
		&& (strcmp((*at)->reference, reference) != 0
			|| (!*reference && strcmp((*at)->call, call) != 0)))
		at = &(*at)->next;
	return at;
}

static void drop(struct messages *messages, struct message **at)
{
	struct message *message = *at;

	if (!message)
		return;
	*at = message->next;
	messages->count--;
	messages->kept -= message->bytes != NULL;
	if (message->bytes)
		sodium_memzero(message->bytes, message->size);
	free(message->bytes);
	sodium_memzero(message, sizeof *message);
	free(message);
}

static struct message *add(struct messages *messages, const char *call)
{
	struct message *message = mem_alloc(sizeof *message);

	snprintf(message->call, sizeof message->call, "%s", call);
	message->next = messages->first;
	messages->first = message;
	messages->count++;
	return message;
}

void messages_begin(struct messages *messages, const char *call)
{
	if (!*find(messages, call, ""))
		add(messages, call);
}

void messages_end(struct messages *messages, const char *call)
{
	drop(messages, find(messages, call, ""));
}

const char *messages_keep(struct messages *messages, const char *call, uint8_t *bytes, size_t size)
{
	struct message *message = *find(messages, call, "");
	uint64_t name;

	if (!message)
		message = add(messages, call);
	randombytes_buf(&name, sizeof name);
	snprintf(message->reference, sizeof message->reference, "%016llx", (unsigned long long)name);
	message->bytes = bytes;
	message->size = size;
	messages->kept++;
	return message->reference;
}

bool messages_ask(struct messages *messages, const char *reference)
{
	struct message *message = *reference ? *find(messages, "", reference) : NULL;

	if (message)
		message->asked = true;
	return message;
}

const struct message *messages_asked(struct messages *messages)
{
	for (struct message *each = messages->first; each; each = each->next)
		if (each->asked) {
			each->asked = false;
			return each;
		}
	return NULL;
}

void messages_forget(struct messages *messages, const char *reference)
{
	if (*reference)
		drop(messages, find(messages, "", reference));
}

void messages_sweep(struct messages *messages, bool (*speaks)(void *arg, const char *call), void *arg)
{
	struct message **at = &messages->first;

	while (*at) {
		if (!*(*at)->reference && !speaks(arg, (*at)->call))
			drop(messages, at);
		else
			at = &(*at)->next;
	}
}

void messages_finish(struct messages *messages)
{
	while (messages->first)
		drop(messages, &messages->first);
}
