/* A spoken message: fetched from the platform, put into the contact piece by piece, then deleted at the
 * platform. Until all of it is durable the platform keeps it, and the vault what it is fetched by: a
 * restart anywhere in between begins again, and the pieces that are there already are answered as
 * repetitions.
 *
 * A platform that says no twelve times keeps the message, and the contact says so. A contact closed
 * before its message came is sealed and takes nothing more: the message is then deleted at the platform
 * unheard, for there it would outlive the contact. The console asks before it closes such a one. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VAULT_KEY = 34,
	FIRST_PAUSE_MS = 2000, /* the file is often not ready at once */
	MOST_PAUSE_MS = 600000,
	MOST_REFUSED = 12, /* answers without the file: 404, 403, a page instead; about an hour */
	NAME = 24 };

struct recording {
	char reference[IVR_RECORDING_MAX + 1], name[NAME + 1];
	uint32_t seconds, attempts, refused, stored, pieces;
	bool fetching, storing;
	int64_t due_mono;
	uint8_t *bytes;
	size_t length;
};

static void vault_key(const struct ivr_call *call, char key_r[VAULT_KEY])
{
	uint8_t hash[16];
	crypto_generichash(hash, sizeof hash, (const unsigned char *)call->start_id,
		strlen(call->start_id), (const unsigned char *)"onthaal.recording", 17);
	key_r[0] = 'r';
	sodium_bin2hex(key_r + 1, VAULT_KEY - 1, hash, sizeof hash);
}

static void drop_bytes(struct recording *recording)
{
	if (recording->bytes)
		sodium_memzero(recording->bytes, recording->length);
	free(recording->bytes);
	recording->bytes = NULL;
	recording->length = 0;
}

static void create(struct ivr_call *call, const char *reference, uint32_t seconds)
{
	struct recording *recording = mem_alloc(sizeof *recording);
	uint8_t hash[NAME / 2];

	snprintf(recording->reference, sizeof recording->reference, "%s", reference);
	crypto_generichash(hash, sizeof hash, (const unsigned char *)reference, strlen(reference),
		call->ivr->secret, sizeof call->ivr->secret);
	sodium_bin2hex(recording->name, sizeof recording->name, hash, sizeof hash);
	recording->seconds = seconds > UINT16_MAX ? UINT16_MAX : seconds;
	recording->due_mono = clock_mono();
	call->recording = recording;
}

static bool reference_good(const char *reference)
{
	size_t length = reference ? strlen(reference) : 0;
	return length && length <= IVR_RECORDING_MAX
		&& strspn(reference,
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
		== length;
}

static void not_ours(const struct ivr_call *call, const char *reference)
{
	const struct ivr_adapter *adapter = call_adapter(call);

	if (!adapter->in_memory || !reference)
		return;
	log_error("a message is gone", "adapter=%s", adapter->name);
	adapter->forget(adapter->arg, reference);
}

void recording_begin(struct ivr_call *call, const char *reference, uint32_t seconds)
{
	char json[300], key[VAULT_KEY];
	int length;

	if (!call->left_message || call->recording || !call_adapter(call)->fetch
		|| !reference_good(reference)) {
		not_ours(call, reference);
		return;
	}
	create(call, reference, seconds);
	call->ivr->figures.recordings++;
	if (!call->ivr->vault.put)
		return;
	length = snprintf(json, sizeof json,
		"{\"start\":\"%s\",\"adapter\":\"%s\",\"lang\":\"%s\",\"recording\":\"%s\","
		"\"seconds\":%u}",
		call->start_id, call_adapter(call)->name, ivr_call_lang(call), reference, seconds);
	vault_key(call, key);
	call->ivr->vault.put(call->ivr->vault.arg, key, json, (size_t)length);
}

enum err recording_restore(struct ivr_call *call, const char *reference, uint32_t seconds)
{
	if (!reference_good(reference))
		return ERR_INVALID;
	create(call, reference, seconds);
	call->left_message = true;
	return OK;
}

void recording_free(struct ivr_call *call)
{
	if (!call->recording)
		return;
	drop_bytes(call->recording);
	sodium_memzero(call->recording, sizeof *call->recording);
	free(call->recording);
	call->recording = NULL;
}

static void over(struct ivr_call *call)
{
	char key[VAULT_KEY];

	vault_key(call, key);
	if (call->ivr->vault.drop)
		call->ivr->vault.drop(call->ivr->vault.arg, key);
	recording_free(call);
}

/* It stays at the platform, where a person can still hear it; ours is lost. */
static void give_up(struct ivr_call *call, const char *why)
{
	log_error("a message was not fetched", "adapter=%s why=%s", call_adapter(call)->name, why);
	contact_note(call, call_adapter(call)->in_memory ? "message-lost" : "message-left");
	not_ours(call, call->recording->reference);
	over(call);
}

static void forget(struct ivr_call *call)
{
	const struct ivr_adapter *adapter = call_adapter(call);

	if (adapter->forget)
		adapter->forget(adapter->arg, call->recording->reference);
	over(call);
}

static bool is_closed(const struct ivr_call *call)
{
	const struct contact *contact;

	if (!call->contact) /* it was closed before we were restarted */
		return call->hangup_due && !call->opening;
	contact = desk_contact(call->ivr->desk, call->contact);
	return !contact || contact->state == CONTACT_CLOSED;
}

static void unheard(struct ivr_call *call)
{
	log_warn("a message was deleted unheard", "adapter=%s why=closed", call_adapter(call)->name);
	forget(call);
}

static void later(struct recording *recording)
{
	int64_t pause = FIRST_PAUSE_MS;

	drop_bytes(recording);
	recording->fetching = recording->storing = false;
	for (uint32_t i = 0; i < recording->attempts && pause < MOST_PAUSE_MS; i++)
		pause *= 2;
	recording->attempts++;
	recording->due_mono = clock_mono() + (pause > MOST_PAUSE_MS ? MOST_PAUSE_MS : pause);
}

static void put_two(uint8_t *to, uint32_t number)
{
	to[0] = (uint8_t)(number >> 8);
	to[1] = (uint8_t)number;
}

static void store_next(struct ivr_call *call)
{
	struct recording *recording = call->recording;
	size_t from = (size_t)recording->stored * DESK_PIECE_BYTES;
	size_t length = recording->length - from;
	uint8_t *body;
	char id[EVENT_CLIENT_ID_MAX + 1];
	enum err err;

	if (length > DESK_PIECE_BYTES)
		length = DESK_PIECE_BYTES;
	body = mem_alloc(DESK_PIECE_HEAD + length);
	put_two(body, recording->stored + 1);
	put_two(body + 2, recording->pieces);
	put_two(body + 4, recording->seconds);
	memcpy(body + DESK_PIECE_HEAD, recording->bytes + from, length);
	contact_port(call);
	snprintf(id, sizeof id, "rec-%s-%u", recording->name, recording->stored + 1);
	err = desk_call_recording(call->ivr->desk, call->contact, call->port, id, body,
		DESK_PIECE_HEAD + length);
	sodium_memzero(body, DESK_PIECE_HEAD + length);
	free(body);
	if (err == ERR_STALE || err == ERR_NOT_FOUND)
		unheard(call);
	else if (err)
		recording->due_mono = clock_mono() + FIRST_PAUSE_MS;
	else
		recording->storing = true;
}

bool recording_replied(struct ivr_call *call, const struct desk_reply *reply)
{
	struct recording *recording = call->recording;

	if (!recording || !reply->id || strncmp(reply->id, "rec-", 4) != 0)
		return false;
	recording->storing = false;
	recording->due_mono = clock_mono();
	if (reply->err == ERR_STALE || reply->err == ERR_NOT_FOUND) {
		unheard(call);
	} else if (reply->err || !recording->bytes) {
		recording->due_mono += FIRST_PAUSE_MS;
	} else if (++recording->stored == recording->pieces) {
		log_info("message kept", "adapter=%s pieces=%u", call_adapter(call)->name,
			recording->pieces);
		forget(call);
	} else {
		store_next(call);
	}
	return true;
}

void recording_second(struct ivr_call *call, int64_t mono)
{
	struct recording *recording = call->recording;
	const struct ivr_adapter *adapter = call_adapter(call);

	if (!recording || recording->fetching || recording->storing)
		return;
	if (is_closed(call)) {
		unheard(call);
		return;
	}
	if (!call->contact || mono < recording->due_mono)
		return;
	if (recording->bytes) {
		store_next(call);
	} else if (!adapter->fetch) {
		give_up(call, "adapter");
	} else {
		enum err err = adapter->fetch(adapter->arg, call->id, recording->reference);
		recording->fetching = !err;
		if (err == ERR_NOT_FOUND)
			give_up(call, "gone");
		else if (err)
			later(recording);
	}
}

/* Refused so often that it will stay so. What cannot be reached may be reached tomorrow. */
static bool in_vain(struct recording *recording, enum err err, bool absent)
{
	if (err == ERR_IO && !absent) {
		if (recording->attempts == MOST_REFUSED)
			log_warn("a message is not fetched yet", "attempts=%u", recording->attempts);
		return false;
	}
	return ++recording->refused >= MOST_REFUSED;
}

bool ivr_records(const struct ivr *ivr, const char *adapter, const char *id, uint32_t turn)
{
	const struct ivr_call *call = call_named(ivr, adapter, id);

	return call && call->rank == LINE_UP && call->waits == IVR_RECORD && (!turn || call->turn == turn);
}

bool ivr_recorded_before(struct ivr *ivr, const char *adapter, const char *id, const char *token)
{
	struct ivr_call before = { .ivr = ivr };

	if (!call_adapter_index(ivr, adapter, &before.adapter) || call_find(ivr, before.adapter, id))
		return false;
	call_key(ivr, before.adapter, id, before.key);
	return call_resume(&before, token)
		&& script_step_kind(ivr->script, &before.state) == SCRIPT_RECORD;
}

bool ivr_recording(
	const struct ivr *ivr, const char *adapter, const char *id, const char *reference)
{
	const struct ivr_call *call = call_named(ivr, adapter, id);

	return call && call->recording && !strcmp(call->recording->reference, reference);
}

void ivr_fetched(struct ivr *ivr, const char *adapter, const char *id, enum err err, bool absent,
	const void *bytes, size_t length)
{
	struct ivr_call *call = call_named(ivr, adapter, id);
	struct recording *recording;

	recording = call ? call->recording : NULL;
	if (!recording || !recording->fetching)
		return;
	recording->fetching = false;
	if (err == ERR_TOO_LONG) {
		give_up(call, "too-long");
	} else if (err || absent || length < 12 || memcmp(bytes, "RIFF", 4) != 0) {
		if (in_vain(recording, err, absent))
			give_up(call, absent ? "absent" : "refused");
		else
			later(recording);
	} else {
		recording->bytes = mem_copy(bytes, length);
		recording->length = length;
		recording->stored = 0;
		recording->pieces
			= (uint32_t)((length + DESK_PIECE_BYTES - 1) / DESK_PIECE_BYTES);
		recording->due_mono = clock_mono();
		store_next(call);
	}
}
