#include "ivr/sip/digest.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NONCE_TIME = 16, NONCE_SIGN = 32, NONCE_SIZE = NONCE_TIME + NONCE_SIGN };

struct used {
	uint64_t answer, request; /* 0: none */
};

struct digest {
	uint8_t key[crypto_shorthash_KEYBYTES], sign[crypto_generichash_KEYBYTES];
	struct used used[DIGEST_USED];
	size_t next;
};

struct digest *digest_create(void)
{
	struct digest *digest = mem_alloc(sizeof *digest);

	crypto_shorthash_keygen(digest->key);
	crypto_generichash_keygen(digest->sign);
	return digest;
}

void digest_destroy(struct digest **digest)
{
	free(*digest);
	*digest = NULL;
}

void digest_user_set(struct digest_user *user_r, const char *name, const char *password)
{
	snprintf(user_r->name, sizeof user_r->name, "%s", name);
	(void)md5_printf(user_r->ha1, "%s:" DIGEST_REALM ":%s", name, password);
}

static void make_nonce(const struct digest *digest, int64_t time, char nonce_r[NONCE_SIZE + 1])
{
	uint8_t hash[NONCE_SIGN / 2];

	snprintf(nonce_r, NONCE_SIZE + 1, "%016llx", (unsigned long long)time);
	crypto_generichash(hash, sizeof hash, (const uint8_t *)nonce_r, NONCE_TIME, digest->sign,
		sizeof digest->sign);
	sodium_bin2hex(nonce_r + NONCE_TIME, NONCE_SIGN + 1, hash, sizeof hash);
}

/* How old our nonce is, in ms; negative: it is not ours. */
static int64_t nonce_age(const struct digest *digest, const struct pl *nonce, int64_t now)
{
	char time[NONCE_TIME + 1], again[NONCE_SIZE + 1];
	int64_t when, age;

	if (nonce->l != NONCE_SIZE)
		return -1;
	memcpy(time, nonce->p, NONCE_TIME);
	time[NONCE_TIME] = '\0';
	when = (int64_t)strtoull(time, NULL, 16);
	make_nonce(digest, when, again);
	if (sodium_memcmp(again, nonce->p, NONCE_SIZE))
		return -1;
	age = now - when;
	return age < 0 ? -1 : age;
}

static uint64_t hash_of(const struct digest *digest, const struct pl *a, uint32_t number)
{
	uint8_t hash[crypto_shorthash_BYTES];
	uint64_t value;

	crypto_shorthash(hash, (const uint8_t *)a->p, a->l, digest->key);
	memcpy(&value, hash, sizeof value);
	value += number * 0x9e3779b97f4a7c15u;
	return value ? value : 1;
}

/* Of a request and its repetitions: from where it came, in which transaction. */
static uint64_t request_of(const struct digest *digest, const struct sip_msg *msg)
{
	char source[80];
	struct pl text;

	if (re_snprintf(source, sizeof source, "%J", &msg->src) < 0)
		*source = '\0';
	pl_set_str(&text, source);
	return hash_of(digest, &msg->callid, msg->cseq.num) + hash_of(digest, &text, 1)
		+ hash_of(digest, &msg->via.branch, 2);
}

/* An answer may come again only with the very request it came with. */
static bool used_elsewhere(
	struct digest *digest, const struct sip_msg *msg, const struct pl *response)
{
	uint64_t answer = hash_of(digest, response, 0);
	uint64_t request = request_of(digest, msg);

	for (size_t i = 0; i < DIGEST_USED; i++)
		if (digest->used[i].answer == answer)
			return digest->used[i].request != request;
	digest->used[digest->next] = (struct used) { .answer = answer, .request = request };
	digest->next = (digest->next + 1) % DIGEST_USED;
	return false;
}

enum digest_result digest_check(struct digest *digest, const struct sip_msg *msg,
	const struct digest_user *users, size_t count, int64_t now,
	const struct digest_user **user_r)
{
	const struct sip_hdr *header = sip_msg_hdr(msg, SIP_HDR_AUTHORIZATION);
	struct httpauth_digest_resp response;
	const struct digest_user *user = NULL;
	int64_t age;

	if (!header || httpauth_digest_response_decode(&response, &header->val)
		|| pl_strcmp(&response.realm, DIGEST_REALM) != 0)
		return DIGEST_ASK;
	for (size_t i = 0; i < count; i++)
		if (pl_strcmp(&response.username, users[i].name) == 0)
			user = &users[i];
	if (!user || httpauth_digest_response_auth(&response, &msg->met, user->ha1))
		return DIGEST_ASK;
	age = nonce_age(digest, &response.nonce, now);
	if (age < 0 || age > DIGEST_NONCE_SECONDS * 1000
		|| used_elsewhere(digest, msg, &response.response))
		return DIGEST_STALE;
	*user_r = user;
	return DIGEST_GOOD;
}

void digest_ask(
	struct digest *digest, struct sip *sip, const struct sip_msg *msg, bool stale, int64_t now)
{
	char nonce[NONCE_SIZE + 1];

	make_nonce(digest, now, nonce);
	(void)sip_replyf(sip, msg, 401, "Unauthorized",
		"WWW-Authenticate: Digest realm=\"" DIGEST_REALM
		"\", nonce=\"%s\", algorithm=MD5, qop=\"auth\"%s\r\nContent-Length: 0\r\n\r\n",
		nonce, stale ? ", stale=true" : "");
}
