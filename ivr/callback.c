/* Calling back. The number is sealed from the moment it was confirmed and opened only to dial; it is
 * dropped when the caller was reached, when the attempts are used up, or when the contact is closed. */
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/number.h"
#include "ivr/private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEALED = IVR_DIGITS_MAX + 1 + crypto_secretbox_MACBYTES, VAULT_KEY = 33 };

struct callback {
	uint8_t nonce[crypto_secretbox_NONCEBYTES], sealed[SEALED];
	uint32_t attempts;
};

static void seal(const struct ivr *ivr, struct callback *callback, const char *number)
{
	uint8_t plain[IVR_DIGITS_MAX + 1] = { 0 };

	snprintf((char *)plain, sizeof plain, "%s", number);
	randombytes_buf(callback->nonce, sizeof callback->nonce);
	crypto_secretbox_easy(
		callback->sealed, plain, sizeof plain, callback->nonce, ivr->number_key);
	sodium_memzero(plain, sizeof plain);
}

static bool unseal(
	const struct ivr *ivr, const struct callback *callback, char number_r[IVR_DIGITS_MAX + 1])
{
	return !crypto_secretbox_open_easy((uint8_t *)number_r, callback->sealed, SEALED,
		callback->nonce, ivr->number_key);
}

/* The start id opens the contact, so only its hash names the row; itself it is sealed with the rest. */
static void vault_key(const struct ivr_call *call, char key_r[VAULT_KEY])
{
	uint8_t hash[16];
	crypto_generichash(hash, sizeof hash, (const unsigned char *)call->start_id,
		strlen(call->start_id), NULL, 0);
	sodium_bin2hex(key_r, VAULT_KEY, hash, sizeof hash);
}

static void put_away(const struct ivr_call *call)
{
	const struct ivr *ivr = call->ivr;
	char number[IVR_DIGITS_MAX + 1], json[250], key[VAULT_KEY];
	int length;

	if (!ivr->vault.put || !unseal(ivr, call->callback, number))
		return;
	length = snprintf(json, sizeof json,
		"{\"start\":\"%s\",\"adapter\":\"%s\",\"lang\":\"%s\",\"attempts\":%u,"
		"\"number\":\"%s\"}",
		call->start_id, call_adapter(call)->name, ivr_call_lang(call),
		call->callback->attempts, number);
	vault_key(call, key);
	ivr->vault.put(ivr->vault.arg, key, json, (size_t)length);
	sodium_memzero(number, sizeof number);
	sodium_memzero(json, sizeof json);
}

void callback_remember(struct ivr_call *call, char number[IVR_DIGITS_MAX + 1])
{
	if (!call->callback)
		call->callback = mem_alloc(sizeof *call->callback);
	call->asked_callback = true;
	call->callback->attempts = 0;
	seal(call->ivr, call->callback, number);
	sodium_memzero(number, IVR_DIGITS_MAX + 1);
	put_away(call);
	call->ivr->figures.callbacks++;
}

enum err ivr_callback_restore(struct ivr *ivr, const char *json, size_t length)
{
	json_t *read = json_loadb(json, length, 0, NULL);
	const char *number = json_get_text(read, "number"), *name = json_get_text(read, "adapter");
	const char *recording = json_get_text(read, "recording");
	const char *lang = json_get_text(read, "lang"), *start_id = json_get_text(read, "start");
	char id[IVR_CALL_ID_MAX + 1];
	struct ivr_call *call;
	uint8_t adapter = 0;
	enum err err = ERR_INVALID;

	if (!ivr->adapter_count || (!number && !recording) || (number && strlen(number) > IVR_DIGITS_MAX) || !lang
		|| strlen(lang) > IVR_LANG_MAX || !start_id || strlen(start_id) != CALL_START_ID - 1)
		goto out;
	if (!name || !call_adapter_index(ivr, name, &adapter))
		adapter = 0; /* that one is configured no longer */
	snprintf(id, sizeof id, "restored-%s%s", start_id, recording ? "-r" : "");
	call = call_create(ivr, adapter, id);
	strcpy(call->start_id, start_id);
	strcpy(call->state.language, lang);
	if (recording) {
		err = recording_restore(
			call, recording, (uint32_t)json_get_number(read, "seconds", 0));
	} else {
		call->callback = mem_alloc(sizeof *call->callback);
		call->callback->attempts = (uint32_t)json_get_number(read, "attempts", 0);
		call->asked_callback = true;
		seal(ivr, call->callback, number);
		err = OK;
	}
	call_gone(call);
	contact_open(call); /* known to the desk: binds it to us */
out:
	json_decref(read);
	return err;
}

void callback_drop(struct ivr_call *call)
{
	char key[VAULT_KEY];

	if (!call->callback)
		return;
	vault_key(call, key);
	if (call->ivr->vault.drop)
		call->ivr->vault.drop(call->ivr->vault.arg, key);
	callback_free(call);
}

void callback_free(struct ivr_call *call)
{
	if (call->callback)
		sodium_memzero(call->callback, sizeof *call->callback);
	free(call->callback);
	call->callback = NULL;
}

static const struct ivr_adapter *dialler(const struct ivr_call *call, uint8_t *index_r)
{
	const struct ivr *ivr = call->ivr;

	*index_r = call->adapter;
	if (call_adapter(call)->dial)
		return call_adapter(call);
	for (uint8_t i = 0; i < ivr->adapter_count; i++)
		if (ivr->adapters[i].dial) {
			*index_r = i;
			return &ivr->adapters[i];
		}
	return NULL;
}

bool callback_possible(const struct ivr_call *call)
{
	uint8_t index;
	return call->ivr->settings.callback_attempts > 0 && dialler(call, &index);
}

/* call: the line that is long gone; its contact was taken. */
void callback_taken(struct ivr_call *call, uint32_t staff)
{
	struct ivr *ivr = call->ivr;
	const struct counsellor *counsellor = desk_counsellor(ivr->desk, staff);
	const struct ivr_adapter *adapter;
	struct ivr_call *line;
	char name[IVR_CALL_ID_MAX + 1];
	uint8_t index;

	if (!call->callback)
		return; /* a message only, or reached already */
	call->staff = staff;
	adapter = dialler(call, &index);
	if (!adapter || !counsellor || !*counsellor->telephone) {
		contact_note(call, adapter ? "no-telephone" : "no-dialling");
		contact_back(call);
		return;
	}
	snprintf(name, sizeof name, "back-%s-%llu", call->start_id, (unsigned long long)++ivr->asked);
	line = call_create(ivr, index, name);
	line->outgoing = true;
	line->staff = staff;
	line->contact = call->contact;
	memcpy(line->origin, call->key, sizeof line->origin);
	snprintf(line->state.language, sizeof line->state.language, "%s",
		script_language(ivr->script, 0));
	line->stage = STAGE_RINGING;
	line->waits = IVR_MENU;
	contact_note(call, "ringing");
	if (adapter->dial(adapter->arg, name, counsellor->telephone))
		callback_gone(line, IVR_CAUSE_FAILED);
}

static struct ivr_call *origin_of(const struct ivr_call *line)
{
	struct ivr_call *call;
	HASH_FIND(hh, line->ivr->calls, line->origin, CALL_KEY_SIZE, call);
	return call;
}

static void put_ask(const struct ivr_call *line, struct ivr_turn *turn)
{
	struct ivr_step *step = &turn->steps[turn->count++];

	step->kind = IVR_MENU;
	step->seconds = IVR_ACCEPT_SECONDS;
	strcpy(step->keys, "1");
	step->prompt_count = 1;
	strcpy(step->prompts[0].id, "accept");
	strcpy(step->prompts[0].lang, line->state.language);
}

static bool put_dial(struct ivr_call *line, struct ivr_turn *turn)
{
	const struct ivr_call *call = origin_of(line);
	const struct contact *contact = desk_contact(line->ivr->desk, line->contact);
	struct ivr_step *step = &turn->steps[turn->count];
	char typed[IVR_DIGITS_MAX + 1];
	bool good;

	if (!call || !call->callback || !contact || contact->owner != line->staff
		|| !unseal(line->ivr, call->callback, typed))
		return false;
	good = number_to_call(&line->ivr->settings, typed, step->target);
	sodium_memzero(typed, sizeof typed);
	if (!good)
		return false;
	step->kind = IVR_CONNECT;
	step->seconds = line->ivr->settings.ring_seconds;
	snprintf(step->cli, sizeof step->cli, "%s", line->ivr->settings.cli);
	turn->count++;
	line->tried = true;
	return true;
}

void callback_accepted(struct ivr_call *line)
{
	struct ivr_call *call = origin_of(line);

	if (line->accepted)
		return;
	line->accepted = true;
	line->stage = STAGE_TALKING;
	line->ivr->figures.connected++;
	contact_note(line, "connected");
	if (call)
		callback_drop(call);
}

void callback_turn(
	struct ivr_call *line, const struct ivr_event *event, struct ivr_turn *turn_r)
{
	bool on = false;

	if (event->kind == IVR_EVENT_INCOMING && !line->hangup_due) {
		turn_r->steps[turn_r->count++].kind = IVR_ANSWER;
		put_ask(line, turn_r);
		return;
	}
	if (event->kind == IVR_EVENT_DROPPED) {
		line->cause = event->cause;
		if (event->cause == IVR_CAUSE_DONE && line->tried)
			callback_accepted(line); /* they talked; the word of it was lost */
	}
	if (line->hangup_due)
		on = false;
	else if (line->waits == IVR_MENU && event->kind == IVR_EVENT_KEYS
		&& !strcmp(event->keys, "1"))
		on = put_dial(line, turn_r);
	else if (line->waits == IVR_MENU && ++line->accept_tries < 2) {
		put_ask(line, turn_r);
		on = true;
	}
	if (!on)
		turn_r->steps[turn_r->count++].kind = IVR_HANGUP;
}

void callback_gone(struct ivr_call *line, enum ivr_cause cause)
{
	struct ivr_call *call = origin_of(line);

	call_gone(line);
	if (line->accepted) {
		contact_note(line, "ended");
		return;
	}
	contact_note(line, pickup_cause_word(line->cause ? line->cause : cause));
	if (call && call->callback && line->tried
		&& ++call->callback->attempts >= line->ivr->settings.callback_attempts) {
		contact_note(line, "unreached");
		callback_drop(call);
		return; /* stays with the counsellor, who decides */
	}
	if (call && call->callback)
		put_away(call);
	contact_back(line);
}
