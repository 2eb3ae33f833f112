/* X-Twilio-Signature: base64(HMAC-SHA1(token, URL and sorted fields)). */
#include "base/mem.h"
#include "ivr/adapters/twilio.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void sign(const char *secret, const struct text *text, char signature_r[32])
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	if (!HMAC(EVP_sha1(), secret, (int)strlen(secret), (const unsigned char *)text->bytes,
		    text->length, mac, &length))
		abort();
	EVP_EncodeBlock((unsigned char *)signature_r, mac, (int)length);
}

static int by_name_and_value(const void *a, const void *b)
{
	const struct form_field *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order ? order : strcmp(x->value, y->value);
}

static int by_name(const void *a, const void *b)
{
	const struct form_field *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);
	return order ? order : (*x < *y ? -1 : *x > *y); /* repeated ones as they came */
}

/* Repeated values count once, in order. */
static void add_distinct(struct text *text, const struct form *form)
{
	struct form_field *sorted = mem_copy(form->fields, form->count * sizeof *sorted);

	if (!sorted)
		return;
	qsort(sorted, form->count, sizeof *sorted, by_name_and_value);
	for (size_t i = 0; i < form->count; i++) {
		if (i && !by_name_and_value(&sorted[i - 1], &sorted[i]))
			continue;
		text_put(text, sorted[i].name);
		text_put(text, sorted[i].value);
	}
	free(sorted);
}

/* Repeated values count each, as they came. */
static void add_repeated(struct text *text, const struct form *form)
{
	const struct form_field *sorted[FORM_FIELDS_MAX];

	for (size_t i = 0; i < form->count; i++)
		sorted[i] = &form->fields[i];
	qsort(sorted, form->count, sizeof *sorted, by_name);
	for (size_t i = 0; i < form->count; i++) {
		text_put(text, sorted[i]->name);
		text_put(text, sorted[i]->value);
	}
}

static bool try(enum twilio_dialect dialect, const char *secret, const char *url, size_t length,
	const struct form *form, const char *signature)
{
	struct text text = { 0 };
	char expected[32];
	bool same;

	text_put_n(&text, url, length);
	if (form && dialect == TWILIO_SIGNALWIRE)
		add_repeated(&text, form);
	else if (form)
		add_distinct(&text, form);
	sign(secret, &text, expected);
	same = web_same(expected, signature);
	text_free(&text);
	return same;
}

static bool body_matches(const char *url, const char *body, size_t length)
{
	const char *at = strstr(url, "bodySHA256=");
	unsigned char hash[SHA256_DIGEST_LENGTH];
	char hex[2 * SHA256_DIGEST_LENGTH + 1], given[2 * SHA256_DIGEST_LENGTH + 1];

	if (!at || at == url || (at[-1] != '?' && at[-1] != '&'))
		return false;
	at += strlen("bodySHA256=");
	if (strcspn(at, "&#") != sizeof given - 1)
		return false;
	memcpy(given, at, sizeof given - 1);
	given[sizeof given - 1] = '\0';
	SHA256((const unsigned char *)body, length, hash);
	for (int i = 0; i < SHA256_DIGEST_LENGTH; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	return web_same(hex, given);
}

/* With the port as it stands, without any, and with the scheme's own. */
bool twilio_signed(enum twilio_dialect dialect, const char *secret, const char *url,
	const struct form *form, const char *body, size_t length, const char *signature)
{
	bool tls = !strncmp(url, "https://", 8);
	const char *host = strstr(url, "://"), *path, *port;
	struct text other = { 0 };
	size_t end = strcspn(url, "#");
	bool good;

	if (!host || host >= url + end || !*signature || (!form && !body_matches(url, body, length)))
		return false;
	host += 3;
	path = host + strcspn(host, "/?#");
	port = *host == '[' ? memchr(host, ']', (size_t)(path - host)) : host;
	port = port ? memchr(port, ':', (size_t)(path - port)) : NULL;
	good = try(dialect, secret, url, end, form, signature);
	if (port) {
		text_put_n(&other, url, (size_t)(port - url));
	} else {
		text_put_n(&other, url, (size_t)(path - url));
		text_put(&other, tls ? ":443" : ":80");
	}
	text_put_n(&other, path, end - (size_t)(path - url));
	good = try(dialect, secret, other.bytes, other.length, form, signature) || good;
	text_free(&other);
	return good;
}
