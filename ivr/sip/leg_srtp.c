/* A leg's SRTP: the keys that SDP brings, and what is decrypted by them. */
#include "ivr/sip/exchange.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

enum { NEW_SOURCES_TICKS = 25 };

static enum srtp_suite suite_of(const struct sdes *key)
{
	return key->suite == SDES_LONG_TAG ? SRTP_AES_CM_128_HMAC_SHA1_80
					   : SRTP_AES_CM_128_HMAC_SHA1_32;
}

static enum err start_srtp(struct srtp **srtp, const struct sdes *key)
{
	*srtp = mem_deref(*srtp);
	return srtp_alloc(srtp, suite_of(key), key->key, SDES_KEY, 0) ? ERR_INVALID : OK;
}

/* libre keeps eight sources of a key and no more; a telephone that took a ninth would be deaf for good.
 * While one is still heard nothing is forgotten: whoever forges sources cannot bring that about. */
int leg_srtp_decrypt(struct leg *leg, struct mbuf *packet)
{
	int err = srtp_decrypt(leg->in, packet);

	if (err != ENOSR || leg->ticks_quiet < NEW_SOURCES_TICKS || start_srtp(&leg->in, &leg->in_key))
		return err;
	packet->pos = 0;
	return srtp_decrypt(leg->in, packet);
}

static enum err show_key(struct leg *leg)
{
	char line[SDES_LINE_MAX];
	int failed;

	sdes_print(&leg->out_key, line);
	failed = sdp_media_set_lattr(leg->media, true, "crypto", "%s", line);
	sodium_memzero(line, sizeof line);
	return failed ? ERR_LIMIT : OK;
}

enum err leg_media_secure(struct leg *leg)
{
	leg->out_key.tag = 1;
	leg->out_key.suite = SDES_LONG_TAG;
	randombytes_buf(leg->out_key.key, SDES_KEY);
	if (show_key(leg))
		return ERR_LIMIT;
	return start_srtp(&leg->out, &leg->out_key);
}

static bool take_crypto(const char *name, const char *value, void *arg)
{
	struct sdes *key = arg;
	(void)name;
	return value && !sdes_parse(value, strlen(value), key);
}

static bool same_key(const struct sdes *a, const struct sdes *b)
{
	return a->tag == b->tag && a->suite == b->suite
		&& sodium_memcmp(a->key, b->key, sizeof a->key) == 0;
}

/* The keys of both ways, when the peer gave one that we can use. */
static enum err agree_keys(struct leg *leg, bool offered)
{
	struct sdes key;

	if (!sdp_media_rattr_apply(leg->media, "crypto", take_crypto, &key))
		return ERR_NOT_FOUND;
	if (leg->in && same_key(&key, &leg->in_key)) {
		sodium_memzero(&key, sizeof key);
		return OK; /* said again in a re-INVITE: the counters go on */
	}
	leg->in_key = key;
	sodium_memzero(&key, sizeof key);
	if (start_srtp(&leg->in, &leg->in_key))
		return ERR_INVALID;
	if (!offered)
		return leg->out ? OK : ERR_INVALID;
	leg->out_key.tag = leg->in_key.tag;
	leg->out_key.suite = leg->in_key.suite;
	randombytes_buf(leg->out_key.key, SDES_KEY);
	if (show_key(leg))
		return ERR_LIMIT;
	return start_srtp(&leg->out, &leg->out_key);
}

bool leg_srtp_agree(struct leg *leg, bool offered)
{
	bool must = strcmp(sdp_media_proto(leg->media), "RTP/SAVP") == 0;
	enum err err = agree_keys(leg, offered);

	if (!err)
		return true;
	if (must || leg->exchange->settings.srtp_only || err != ERR_NOT_FOUND)
		return false;
	leg->in = mem_deref(leg->in);
	leg->out = mem_deref(leg->out);
	sdp_media_del_lattr(leg->media, "crypto");
	return true;
}
