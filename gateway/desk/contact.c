#include "desk/contact.h"
#include "base/json.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct contact *contact_create(uint64_t id)
{
	struct contact *contact = mem_alloc(sizeof *contact);
	contact->id = id;
	contact->state = CONTACT_WAITING;
	contact->complete = true;
	return contact;
}

static void flag_finish(struct contact_flag *flag)
{
	free(flag->rule);
	free(flag->category);
	free(flag->why);
	free(flag->lowered_by);
}

void contact_destroy(struct contact **contact)
{
	if (!*contact)
		return;
	for (uint32_t i = 0; i < (*contact)->event_count; i++)
		free((*contact)->events[i]);
	for (uint32_t i = 0; i < (*contact)->flag_count; i++)
		flag_finish(&(*contact)->flags[i]);
	free((*contact)->events);
	free((*contact)->flags);
	free((*contact)->id_index);
	free((*contact)->tail);
	free(*contact);
	*contact = NULL;
}

struct contact_event *contact_event_create(const struct event *event)
{
	struct contact_event *kept
		= mem_alloc(sizeof *kept + event->body_length + event->meta_length + 2);
	kept->seq = event->seq;
	kept->kind = event->kind;
	kept->author = event->author;
	kept->staff = event->staff;
	kept->time = event->time;
	kept->body_length = event->body_length;
	kept->meta_length = event->meta_length;
	memcpy(kept->id, event->client_id, sizeof kept->id);
	if (event->body_length)
		memcpy(kept->bytes, event->body, event->body_length);
	if (event->meta_length)
		memcpy(kept->bytes + event->body_length + 1, event->meta, event->meta_length);
	return kept;
}

void contact_wipe(struct contact *contact)
{
	for (uint32_t i = 0; i < contact->event_count; i++) {
		struct contact_event *event = contact->events[i];
		sodium_memzero(event->bytes, event->body_length + event->meta_length + 2);
		event->body_length = event->meta_length = 0;
	}
	if (contact->tail)
		sodium_memzero(contact->tail, CONTACT_TAIL_MAX);
	contact->tail_length = 0;
	while (contact->flag_count)
		flag_finish(&contact->flags[--contact->flag_count]);
}

const char *contact_event_body(const struct contact_event *event)
{
	return event->bytes;
}

const char *contact_event_meta(const struct contact_event *event)
{
	return event->bytes + event->body_length + 1;
}

enum { INDEX_FROM = 32 }; /* events; fewer are looked through */

static bool has_id(const struct contact_event *event, enum author author, const char *id)
{
	return event->author == author && !strcmp(event->id, id);
}

static uint32_t hash_of(enum author author, const char *id)
{
	uint32_t hash = UINT32_C(2166136261) + author; /* FNV-1a */
	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * UINT32_C(16777619);
	return hash;
}

/* Open addressing, at most half full. */
static void put_id(struct contact *contact, uint32_t hash, uint32_t event)
{
	uint32_t slot = hash & (contact->id_slots - 1);

	while (contact->id_index[slot].event)
		slot = (slot + 1) & (contact->id_slots - 1);
	contact->id_index[slot] = (struct contact_id) { hash, event };
}

static void index_event(struct contact *contact, uint32_t at)
{
	const struct contact_event *event = contact->events[at];

	if (*event->id)
		put_id(contact, hash_of(event->author, event->id), at + 1);
}

static void index_all(struct contact *contact)
{
	struct contact_id *before = contact->id_index;
	uint32_t slots = before ? contact->id_slots : 0, at = before ? contact->event_count - 1 : 0;

	contact->id_slots = 2 * contact->event_capacity; /* powers of two, both */
	contact->id_index = mem_array(contact->id_slots, sizeof *contact->id_index);
	for (uint32_t i = 0; i < slots; i++)
		if (before[i].event)
			put_id(contact, before[i].hash, before[i].event);
	for (; at < contact->event_count; at++) /* not there yet */
		index_event(contact, at);
	free(before);
}

const struct contact_event *contact_event_by_id(
	const struct contact *contact, enum author author, const char *id)
{
	if (!*id)
		return NULL;
	if (!contact->id_index) {
		for (uint32_t i = contact->event_count; i-- > 0;)
			if (has_id(contact->events[i], author, id))
				return contact->events[i];
		return NULL;
	}
	uint32_t hash = hash_of(author, id), slot = hash & (contact->id_slots - 1);
	for (; contact->id_index[slot].event; slot = (slot + 1) & (contact->id_slots - 1)) {
		const struct contact_id *entry = &contact->id_index[slot];
		if (entry->hash == hash && has_id(contact->events[entry->event - 1], author, id))
			return contact->events[entry->event - 1];
	}
	return NULL;
}

bool contact_visible(enum event_kind kind)
{
	return kind == EVENT_OPENED || kind == EVENT_MESSAGE || kind == EVENT_TAKEN
		|| kind == EVENT_RETURNED || kind == EVENT_CLOSED || kind == EVENT_REOPENED;
}

void contact_keep(struct contact *contact, struct contact_event *event)
{
	if (contact->event_count == contact->event_capacity) {
		contact->event_capacity = contact->event_capacity ? contact->event_capacity * 2 : 2;
		contact->events = mem_grow(
			contact->events, contact->event_capacity, sizeof *contact->events);
	}
	event->n = contact_visible(event->kind) ? ++contact->last_n : 0;
	contact->last_seq = event->seq;
	contact->events[contact->event_count++] = event;
	if (contact->id_index && contact->event_capacity * 2 == contact->id_slots)
		index_event(contact, contact->event_count - 1);
	else if (contact->event_count > INDEX_FROM)
		index_all(contact);
}

uint32_t contact_after_n(const struct contact *contact, uint32_t n)
{
	uint32_t at = contact->event_count;
	while (at > 0 && (!contact->events[at - 1]->n || contact->events[at - 1]->n > n))
		at--;
	return at;
}

void contact_public_id(uint64_t id, char text_r[CONTACT_PUBLIC_ID])
{
	static const char hex[] = "0123456789abcdef";
	for (int i = 0; i < CONTACT_PUBLIC_ID - 1; i++)
		text_r[i] = hex[id >> (60 - 4 * i) & 15];
	text_r[CONTACT_PUBLIC_ID - 1] = '\0';
}

enum err contact_public_parse(const char *text, uint64_t *id_r)
{
	if (!text || strlen(text) != CONTACT_PUBLIC_ID - 1
		|| strspn(text, "0123456789abcdef") != CONTACT_PUBLIC_ID - 1)
		return ERR_INVALID;
	*id_r = strtoull(text, NULL, 16);
	return *id_r ? OK : ERR_INVALID;
}

static void known_word(char *to, size_t size, const char *value, const char *const *words)
{
	for (; value && *words; words++)
		if (!strcmp(value, *words))
			snprintf(to, size, "%s", value);
}

void contact_answers_read(
	const char *json, size_t length, struct contact_answers *answers_r, bool *practice_r)
{
	static const char *const who[] = { "child", "parent", "family", "professional", NULL };
	static const char *const where[] = { "brussels", "elsewhere", NULL };
	json_t *read = length ? json_loadb(json, length, 0, NULL) : NULL;
	const char *lang = json_get_text(read, "lang");

	memset(answers_r, 0, sizeof *answers_r);
	known_word(answers_r->who, sizeof answers_r->who, json_get_text(read, "who"), who);
	known_word(answers_r->where, sizeof answers_r->where, json_get_text(read, "where"), where);
	if (lang && strlen(lang) <= CONTACT_LANG_MAX
		&& strspn(lang, "abcdefghijklmnopqrstuvwxyz-") == strlen(lang))
		snprintf(answers_r->lang, sizeof answers_r->lang, "%s", lang);
	if (practice_r)
		*practice_r = json_get_flag(read, "practice");
	json_decref(read);
}

void contact_tail_add(struct contact *contact, const char *text, size_t length)
{
	if (!contact->tail)
		contact->tail = mem_alloc(CONTACT_TAIL_MAX);
	if (length >= CONTACT_TAIL_MAX) { /* its end, from the start of a character */
		const char *from = text + (length - CONTACT_TAIL_MAX);
		while (from < text + length && ((unsigned char)*from & 0xc0) == 0x80)
			from++;
		contact->tail_length = (uint32_t)(text + length - from);
		memcpy(contact->tail, from, contact->tail_length);
		return;
	}
	uint32_t cut = 0;
	if (contact->tail_length + 1 + length > CONTACT_TAIL_MAX) {
		cut = (uint32_t)(contact->tail_length + 1 + length - CONTACT_TAIL_MAX);
		while (cut < contact->tail_length
			&& ((unsigned char)contact->tail[cut] & 0xc0) == 0x80)
			cut++;
		if (cut > contact->tail_length)
			cut = contact->tail_length;
	}
	memmove(contact->tail, contact->tail + cut, contact->tail_length - cut);
	contact->tail_length -= cut;
	if (contact->tail_length)
		contact->tail[contact->tail_length++] = '\n';
	memcpy(contact->tail + contact->tail_length, text, length);
	contact->tail_length += (uint32_t)length;
}
