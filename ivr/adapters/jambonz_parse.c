#include "base/json.h"
#include "ivr/adapters/jambonz.h"
#include "ivr/adapters/web_call.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAC_HEX = 64, TIME_DIGITS = 15 };

static void sign(const char *secret, const char *time, const char *body, size_t length,
	char hex_r[MAC_HEX + 1])
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	struct text text = { 0 };

	text_put(&text, time);
	text_put(&text, ".");
	text_put_n(&text, body, length);
	if (!HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)text.bytes,
		    text.length, mac, &size))
		abort();
	for (unsigned i = 0; i < size; i++)
		snprintf(hex_r + 2 * i, 3, "%02x", mac[i]);
	text_free(&text);
}

static bool fresh(const char *time, int64_t now)
{
	size_t length = strlen(time);
	int64_t then;

	if (!length || length > TIME_DIGITS || strspn(time, "0123456789") != length)
		return false;
	then = strtoll(time, NULL, 10);
	return then >= now - JAMBONZ_SKEW_SECONDS && then <= now + JAMBONZ_SKEW_SECONDS;
}

/* t=…,v1=…[,v1=…]: any of the signatures will do. */
bool jambonz_signed(
	const char *secret, const char *body, size_t length, const char *header, int64_t now)
{
	char time[TIME_DIGITS + 2] = "", expected[MAC_HEX + 1];
	bool good = false;

	if (sscanf(header, "t=%16[^,]", time) != 1 || !fresh(time, now))
		return false;
	sign(secret, time, body, length, expected);
	for (const char *at = strchr(header, ','); at; at = strchr(at, ',')) {
		at++;
		while (*at == ' ')
			at++;
		if (!strncmp(at, "v1=", 3) && strcspn(at + 3, ", ") == MAC_HEX)
			good = !CRYPTO_memcmp(at + 3, expected, MAC_HEX) || good;
	}
	return good;
}

static bool take(char *to, size_t size, const char *from, const char *only)
{
	size_t length = from ? strlen(from) : 0;
	if (length >= size || (only && from && strspn(from, only) != length))
		return false;
	if (length)
		memcpy(to, from, length);
	to[length] = '\0';
	return true;
}

void jambonz_password(const char *secret, const char *token, char password_r[JAMBONZ_PASSWORD])
{
	sign(secret, "listen", token, strlen(token), password_r);
}

bool jambonz_listen_believed(const struct config_line *line, const char *token, const char *header)
{
	char plain[sizeof JAMBONZ_LISTEN_USER + JAMBONZ_PASSWORD] = JAMBONZ_LISTEN_USER ":";
	char *password = plain + strlen(plain), expected[2 * sizeof plain];
	bool good = false, basic = !strncasecmp(header, "basic ", 6);

	for (uint32_t i = 0; i < line->secrets_count; i++) {
		jambonz_password(line->secrets[i], token, password);
		sodium_bin2base64(expected, sizeof expected, (const unsigned char *)plain,
			strlen(plain), sodium_base64_VARIANT_ORIGINAL);
		good = (basic && web_same(header + 6, expected)) || good;
	}
	sodium_memzero(plain, sizeof plain);
	sodium_memzero(expected, sizeof expected);
	return good;
}

static const char id[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static enum err read_event(
	const json_t *read, const struct ivr_caller_key *key, struct jambonz_event *event_r)
{
	const char *call = json_get_text(read, "call_sid"), *from = json_get_text(read, "from");
	const char *status = json_get_text(read, "call_status");
	const char *dialled = json_get_text(read, "dial_call_status");

	if (!call || !*call || !take(event_r->call, sizeof event_r->call, call, id)
		|| !take(event_r->digits, sizeof event_r->digits, json_get_text(read, "digits"),
			"0123456789*#"))
		return ERR_INVALID;
	event_r->caller = from ? ivr_caller(key, from, strlen(from)) : 0;
	event_r->over = status && web_call_over(status);
	event_r->dialled = dialled ? web_call_cause(dialled) : IVR_CAUSE_NONE;
	return OK;
}

enum err jambonz_parse(const char *body, size_t length, const struct ivr_caller_key *key,
	struct jambonz_event *event_r)
{
	json_t *read = json_loadb(body, length, JSON_REJECT_DUPLICATES, NULL);
	enum err err;

	*event_r = (struct jambonz_event) { 0 };
	err = json_is_object(read) ? read_event(read, key, event_r) : ERR_INVALID;
	json_decref(read);
	return err;
}

/* Its names are written in camel case, elsewhere with underscores. */
enum err jambonz_parse_hello(const char *text, size_t length, struct jambonz_hello *hello_r)
{
	json_t *read = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	const char *call = json_get_text(read, "callSid"), *mix = json_get_text(read, "mixType");
	double rate = json_get_number(read, "sampleRate", 0);
	enum err err = ERR_INVALID;

	*hello_r = (struct jambonz_hello) { 0 };
	if (call && *call && rate >= 1 && rate <= 1000000 && (!mix || !strcmp(mix, "mono"))
		&& take(hello_r->call, sizeof hello_r->call, call, id)) {
		hello_r->rate = (uint32_t)rate;
		err = OK;
	}
	json_decref(read);
	return err;
}
