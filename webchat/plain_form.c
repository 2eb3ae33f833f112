#include "base/clock.h"
#include "webchat/plain_private.h"

#include <sodium.h>
#include <string.h>
#include <unicode/utf8.h>

static const char *const acts[ACTS] = { [ACT_LOOK] = "look",
	[ACT_LANGUAGE] = "language",
	[ACT_START] = "start",
	[ACT_SKIP] = "skip",
	[ACT_SAY] = "say",
	[ACT_STOP] = "stop",
	[ACT_LEAVE] = "leave",
	[ACT_CODE] = "code",
	[ACT_RETURN] = "return",
	[ACT_AGAIN] = "again",
	[ACT_NEW] = "new",
	[ACT_EXIT] = "exit" };

const char *plain_act_word(enum plain_act act)
{
	return acts[act];
}

static bool base64(const char *text)
{
	return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
		== strlen(text);
}

static bool utf8(const char *text)
{
	int32_t at = 0, length = (int32_t)strlen(text);

	while (at < length) {
		UChar32 c;
		U8_NEXT(text, at, length, c);
		if (c < 0)
			return false;
	}
	return true;
}

/* A browser writes CR LF. */
static char *tidy(char *text)
{
	char *to = text, *from = text;

	while (*from) {
		if (*from == '\r') {
			from += from[1] == '\n';
			*to++ = '\n';
			from++;
		} else {
			*to++ = *from++;
		}
	}
	while (to > text && strchr(" \n\t", to[-1]))
		to--;
	*to = '\0';
	return text + strspn(text, " \n\t");
}

static bool act_of(const char *word, enum plain_act *act_r)
{
	for (int i = 0; i < ACTS; i++)
		if (!strcmp(word, acts[i])) {
			*act_r = (enum plain_act)i;
			return true;
		}
	return false;
}

static bool good(const struct plain_form *form)
{
	size_t key = strlen(form->key);

	for (size_t i = 0; i < form->form.count; i++)
		if (!utf8(form->form.fields[i].value))
			return false;
	return (!key || key == DESK_SECRET_SIZE - 1) && base64(form->key)
		&& strlen(form->nonce) == NONCE_TEXT - 1 && base64(form->nonce)
		&& strlen(form->stamp) == NONCE_TEXT - 1 && base64(form->stamp)
		&& strlen(form->ticket) < SESSION_WORK_TEXT && strlen(form->lang) < PLAIN_LANG
		&& strlen(form->to) < PLAIN_LANG && strlen(form->tongue) < PLAIN_LANG
		&& strlen(form->words) <= PLAIN_WORDS_MAX;
}

enum err plain_form_read(const char *bytes, size_t length, struct plain_form *form_r)
{
	struct form *form = &form_r->form;

	if (form_parse(bytes, length, form))
		return ERR_INVALID;
	form_r->key = form_get(form, "key");
	form_r->nonce = form_get(form, "nonce");
	form_r->stamp = form_get(form, "stamp");
	form_r->ticket = form_get(form, "ticket");
	form_r->lang = form_get(form, "lang");
	form_r->to = form_get(form, "to");
	form_r->who = form_get(form, "who");
	form_r->where = form_get(form, "where");
	form_r->tongue = form_get(form, "tongue");
	form_r->words = form_get(form, "words");
	if (!act_of(form_get(form, "act"), &form_r->act) || !good(form_r)) {
		form_finish(form);
		return ERR_INVALID;
	}
	form_r->text = *form_get(form, "text") ? tidy((char *)form_get(form, "text")) : NULL;
	return OK;
}

void plain_form_finish(struct plain_form *form)
{
	form_finish(&form->form);
}

struct nonce {
	uint8_t random[18];
	uint32_t minute;
} __attribute__((packed));

void plain_nonce(char nonce_r[NONCE_TEXT])
{
	struct nonce nonce = { .minute = (uint32_t)(clock_wall() / 60000) };

	randombytes_buf(nonce.random, sizeof nonce.random);
	sodium_bin2base64(nonce_r, NONCE_TEXT, (const uint8_t *)&nonce, sizeof nonce,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

int64_t plain_nonce_age(const char *text)
{
	struct nonce nonce;
	size_t length;

	if (sodium_base642bin((uint8_t *)&nonce, sizeof nonce, text, strlen(text), NULL, &length, NULL,
		    sodium_base64_VARIANT_URLSAFE_NO_PADDING)
		|| length != sizeof nonce)
		return INT64_MAX;
	return (clock_wall() / 60000 - nonce.minute) * 60;
}

void plain_id(const struct plain_form *form, char id_r[EVENT_CLIENT_ID_MAX + 1])
{
	uint8_t hash[24];
	crypto_generichash_state state;
	uint8_t act = (uint8_t)form->act;

	if (form->act == ACT_START || form->act == ACT_SKIP) {
		memcpy(id_r, form->nonce, NONCE_TEXT);
		return;
	}
	crypto_generichash_init(&state, (const uint8_t *)form->nonce, NONCE_TEXT - 1, sizeof hash);
	crypto_generichash_update(&state, &act, 1);
	if (form->act == ACT_SAY && form->text)
		crypto_generichash_update(&state, (const uint8_t *)form->text, strlen(form->text));
	crypto_generichash_final(&state, hash, sizeof hash);
	sodium_bin2base64(id_r, EVENT_CLIENT_ID_MAX + 1, hash, sizeof hash,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}
