/* Lines: by the hash of their name; what they were answered; what their tokens say. */
#include "base/clock.h"
#include "base/mem.h"
#include "ivr/private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CODE_SIZE = 12 };

static const char *const roles[] = { "", "child", "parent", "family", "professional" };

void call_key(const struct ivr *ivr, uint8_t adapter, const char *id, uint8_t key_r[CALL_KEY_SIZE])
{
	crypto_generichash_state state;
	const char *name = ivr->adapters[adapter].name;

	crypto_generichash_init(&state, ivr->secret, sizeof ivr->secret, CALL_KEY_SIZE);
	crypto_generichash_update(&state, (const unsigned char *)name, strlen(name) + 1);
	crypto_generichash_update(&state, (const unsigned char *)id, strlen(id));
	crypto_generichash_final(&state, key_r, CALL_KEY_SIZE);
}

struct ivr_call *call_find(const struct ivr *ivr, uint8_t adapter, const char *id)
{
	uint8_t key[CALL_KEY_SIZE];
	struct ivr_call *call;

	call_key(ivr, adapter, id, key);
	HASH_FIND(hh, ivr->calls, key, CALL_KEY_SIZE, call);
	return call;
}

bool call_adapter_index(const struct ivr *ivr, const char *name, uint8_t *index_r)
{
	for (uint8_t i = 0; i < ivr->adapter_count; i++)
		if (!strcmp(ivr->adapters[i].name, name)) {
			*index_r = i;
			return true;
		}
	return false;
}

struct ivr_call *call_named(const struct ivr *ivr, const char *adapter, const char *id)
{
	uint8_t index;
	return call_adapter_index(ivr, adapter, &index) ? call_find(ivr, index, id) : NULL;
}

struct ivr_call *call_of_contact(const struct ivr *ivr, uint64_t contact)
{
	struct ivr_call *each, *next;
	HASH_ITER (hh, ivr->calls, each, next)
		if (each->contact == contact && each->rank != LINE_GONE)
			return each;
	return NULL;
}

/* The desk derives the contact from this: the same after a restart. */
static void start_id(const struct ivr *ivr, struct ivr_call *call)
{
	uint8_t bytes[18];
	crypto_generichash(bytes, sizeof bytes, call->key, sizeof call->key, ivr->secret,
		sizeof ivr->secret);
	sodium_bin2base64(call->start_id, sizeof call->start_id, bytes, sizeof bytes,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

struct ivr_call *call_create(struct ivr *ivr, uint8_t adapter, const char *id)
{
	struct ivr_call *call = mem_alloc(sizeof *call);

	call->ivr = ivr;
	call->adapter = adapter;
	snprintf(call->id, sizeof call->id, "%s", id);
	call_key(ivr, adapter, id, call->key);
	start_id(ivr, call);
	call->heard_mono = call->began_mono = clock_mono();
	HASH_ADD(hh, ivr->calls, key, CALL_KEY_SIZE, call);
	ivr->live++;
	return call;
}

/* An answer may hold the number that is called back. */
static void wipe(struct ivr_bytes *answer)
{
	if (answer->bytes)
		sodium_memzero(answer->bytes, answer->length);
	free(answer->bytes);
}

static void drop_kept(struct ivr_call *call)
{
	for (int i = 0; i < IVR_KEPT; i++)
		wipe(&call->kept[i].answer);
	memset(call->kept, 0, sizeof call->kept);
}

void call_forget(struct ivr_call *call)
{
	struct ivr *ivr = call->ivr;

	HASH_DEL(ivr->calls, call);
	if (call->rank == LINE_GONE)
		ivr->tombstones--;
	else
		ivr->live--;
	contact_detach(call);
	callback_free(call);
	recording_free(call);
	drop_kept(call);
	sodium_memzero(call, sizeof *call);
	free(call);
}

static void drop_oldest_tombstone(struct ivr *ivr)
{
	struct ivr_call *each, *next, *oldest = NULL;

	HASH_ITER (hh, ivr->calls, each, next)
		if (each->rank == LINE_GONE && !each->callback && !each->recording && !each->leave_due
			&& (!oldest || each->gone_mono < oldest->gone_mono))
			oldest = each;
	if (oldest)
		call_forget(oldest);
}

void call_gone(struct ivr_call *call)
{
	struct ivr *ivr = call->ivr;

	if (call->rank == LINE_GONE)
		return;
	if (ivr->tombstones >= IVR_TOMBSTONES)
		drop_oldest_tombstone(ivr);
	call->rank = LINE_GONE;
	call->gone_mono = clock_mono();
	ivr->live--;
	ivr->tombstones++;
}

void call_keep(struct ivr_call *call, uint32_t asked, const struct ivr_bytes *answer)
{
	struct kept *kept = &call->kept[call->next_kept++ % IVR_KEPT];
	wipe(&kept->answer);
	*kept = (struct kept) { .used = true, .asked = asked, .answer = *answer };
}

const struct ivr_bytes *call_kept(const struct ivr_call *call, uint32_t asked)
{
	for (int i = 0; i < IVR_KEPT; i++)
		if (call->kept[i].used && call->kept[i].asked == asked)
			return &call->kept[i].answer;
	return NULL;
}

const struct ivr_adapter *call_adapter(const struct ivr_call *call)
{
	return &call->ivr->adapters[call->adapter];
}

static int role_number(const char *who)
{
	for (int i = 0; i < 5; i++)
		if (!strcmp(who, roles[i]))
			return i;
	return 0;
}

static void code_of(const struct ivr *ivr, const uint8_t key[CALL_KEY_SIZE], const char *text,
	size_t length, char hex_r[CODE_SIZE * 2 + 1])
{
	crypto_generichash_state state;
	uint8_t code[16];

	crypto_generichash_init(&state, ivr->secret, sizeof ivr->secret, sizeof code);
	crypto_generichash_update(&state, key, CALL_KEY_SIZE);
	crypto_generichash_update(&state, (const unsigned char *)text, length);
	crypto_generichash_final(&state, code, sizeof code);
	sodium_bin2hex(hex_r, CODE_SIZE * 2 + 1, code, CODE_SIZE);
}

/* number.step.language.role-marks.code */
void ivr_token(const struct ivr *ivr, const struct ivr_call *call, char token_r[IVR_TOKEN_MAX])
{
	const struct script_state *state = &call->state;
	char code[CODE_SIZE * 2 + 1];
	int length = snprintf(token_r, IVR_TOKEN_MAX, "%u.%s.%s.%d%s%s%s%s%s%s", call->turn,
		script_step_name(ivr->script, state), state->language, role_number(state->who),
		state->urgent ? "u" : "", state->spoke ? "s" : "",
		state->admitted ? "a" : "",
		call->stage == STAGE_RINGING ? "r" : "", call->stage == STAGE_TALKING ? "t" : "",
		call->outgoing ? "o" : "");

	code_of(ivr, call->key, token_r, (size_t)length, code);
	snprintf(token_r + length, IVR_TOKEN_MAX - (size_t)length, ".%s", code);
}

static bool token_good(
	const struct ivr *ivr, const uint8_t key[CALL_KEY_SIZE], const char *token, size_t *length_r)
{
	char code[CODE_SIZE * 2 + 1];
	const char *dot = strrchr(token, '.');

	if (!dot || strlen(token) >= IVR_TOKEN_MAX || strlen(dot + 1) != CODE_SIZE * 2)
		return false;
	*length_r = (size_t)(dot - token);
	code_of(ivr, key, token, *length_r, code);
	return !sodium_memcmp(code, dot + 1, CODE_SIZE * 2);
}

bool ivr_token_now(
	const struct ivr *ivr, const char *adapter, const char *id, char token_r[IVR_TOKEN_MAX])
{
	const struct ivr_call *call = call_named(ivr, adapter, id);

	if (!call || call->rank == LINE_GONE)
		return false;
	ivr_token(ivr, call, token_r);
	return true;
}

bool call_resume(struct ivr_call *call, const char *token)
{
	char step[SCRIPT_NAME_MAX + 1], language[IVR_LANG_MAX + 1], marks[16] = "";
	struct script_state *state = &call->state;
	unsigned turn, role;
	size_t length;
	bool known = false;

	if (!token || !token_good(call->ivr, call->key, token, &length)
		|| sscanf(token, "%u.%23[^.].%8[^.].%1u%15[a-z]", &turn, step, language, &role,
			   marks)
			< 4
		|| role >= sizeof roles / sizeof *roles)
		return false;
	for (size_t i = 0; i < script_languages(call->ivr->script); i++)
		known = known || !strcmp(script_language(call->ivr->script, i), language);
	if (!known || !script_step_find(call->ivr->script, step, &state->step))
		return false;
	strcpy(state->language, language);
	strcpy(state->who, roles[role]);
	state->entered = true;
	state->urgent = strchr(marks, 'u');
	state->spoke = strchr(marks, 's');
	state->admitted = strchr(marks, 'a');
	call->outgoing = strchr(marks, 'o');
	call->accepted = strchr(marks, 't');
	call->waits = strchr(marks, 'r') || call->accepted ? IVR_CONNECT : IVR_HOLD;
	call->turn = turn;
	call->rank = LINE_UP;
	return true;
}

uint32_t ivr_token_turn(
	const struct ivr *ivr, const char *adapter, const char *id, const char *token)
{
	uint8_t key[CALL_KEY_SIZE], index;
	size_t length;

	if (!call_adapter_index(ivr, adapter, &index))
		return 0;
	call_key(ivr, index, id, key);
	return token && token_good(ivr, key, token, &length) ? (uint32_t)strtoul(token, NULL, 10)
							      : 0;
}

const char *ivr_call_id(const struct ivr_call *call)
{
	return call->id;
}

const char *ivr_call_lang(const struct ivr_call *call)
{
	return *call->state.language ? call->state.language
				     : script_language(call->ivr->script, 0);
}

uint32_t ivr_call_turn(const struct ivr_call *call)
{
	return call->turn;
}

void ivr_rename(struct ivr *ivr, const char *adapter, const char *from, const char *to)
{
	struct ivr_call *call = NULL, *known = NULL;
	uint8_t index;

	if (call_adapter_index(ivr, adapter, &index)) {
		known = call_find(ivr, index, to);
		call = call_find(ivr, index, from);
	}
	if (known && known->rank == LINE_GONE && call && call->outgoing && call->rank != LINE_GONE)
		callback_gone(call, IVR_CAUSE_NO_ANSWER); /* its end overtook its name */
	if (known || !call || !call->outgoing || strlen(to) > IVR_CALL_ID_MAX)
		return;
	HASH_DEL(ivr->calls, call);
	snprintf(call->id, sizeof call->id, "%s", to);
	call_key(ivr, index, to, call->key);
	HASH_ADD(hh, ivr->calls, key, CALL_KEY_SIZE, call);
	if (call->hangup_due && call->rank != LINE_GONE && call_adapter(call)->end)
		call_adapter(call)->end(call_adapter(call)->arg, call); /* its name was not known */
}
