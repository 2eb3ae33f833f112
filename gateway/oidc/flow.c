#include "oidc/flow.h"

#include <sodium.h>
#include <string.h>

enum { HASH = 32, VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

struct ticket {
	uint8_t id[FLOW_ID_SIZE];
	int64_t until_mono;
	uint8_t mac[HASH];
};

static void derive(const uint8_t *key, const struct flow *flow, const char *what, uint8_t hash_r[HASH])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, key, FLOW_KEY_SIZE, HASH);
	crypto_generichash_update(&state, (const uint8_t *)what, strlen(what) + 1);
	crypto_generichash_update(&state, flow->id, sizeof flow->id);
	crypto_generichash_update(
		&state, (const uint8_t *)&flow->until_mono, sizeof flow->until_mono);
	crypto_generichash_final(&state, hash_r, HASH);
	sodium_memzero(&state, sizeof state);
}

static void word(const uint8_t *key, const struct flow *flow, const char *what,
	char word_r[FLOW_WORD_SIZE])
{
	uint8_t hash[HASH];

	derive(key, flow, what, hash);
	sodium_bin2base64(word_r, FLOW_WORD_SIZE, hash, sizeof hash, VARIANT);
	sodium_memzero(hash, sizeof hash);
}

static void fill(const uint8_t *key, struct flow *flow)
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	word(key, flow, "onthaal.oidc.state.1", flow->state);
	word(key, flow, "onthaal.oidc.nonce.1", flow->nonce);
	word(key, flow, "onthaal.oidc.verifier.1", flow->verifier);
	crypto_hash_sha256(hash, (const uint8_t *)flow->verifier, strlen(flow->verifier));
	sodium_bin2base64(flow->challenge, sizeof flow->challenge, hash, sizeof hash, VARIANT);
}

void flow_begin(const uint8_t key[FLOW_KEY_SIZE], int64_t mono, struct flow *flow_r,
	char ticket_r[FLOW_TICKET_SIZE])
{
	struct ticket ticket;

	memset(flow_r, 0, sizeof *flow_r);
	randombytes_buf(flow_r->id, sizeof flow_r->id);
	flow_r->until_mono = mono + FLOW_MS;
	fill(key, flow_r);
	memcpy(ticket.id, flow_r->id, sizeof ticket.id);
	ticket.until_mono = flow_r->until_mono;
	derive(key, flow_r, "onthaal.oidc.ticket.1", ticket.mac);
	sodium_bin2base64(
		ticket_r, FLOW_TICKET_SIZE, (const uint8_t *)&ticket, sizeof ticket, VARIANT);
	sodium_memzero(&ticket, sizeof ticket);
}

enum err flow_open(
	const uint8_t key[FLOW_KEY_SIZE], const char *ticket, int64_t mono, struct flow *flow_r)
{
	struct ticket said;
	uint8_t mac[HASH];
	size_t length = 0;
	enum err err = OK;

	memset(flow_r, 0, sizeof *flow_r);
	if (sodium_base642bin((uint8_t *)&said, sizeof said, ticket, strlen(ticket), NULL, &length,
		    NULL, VARIANT)
		|| length != sizeof said)
		return ERR_INVALID;
	memcpy(flow_r->id, said.id, sizeof said.id);
	flow_r->until_mono = said.until_mono;
	derive(key, flow_r, "onthaal.oidc.ticket.1", mac);
	if (sodium_memcmp(mac, said.mac, sizeof mac))
		err = ERR_INVALID;
	else if (mono >= said.until_mono)
		err = ERR_STALE;
	else
		fill(key, flow_r);
	if (err)
		memset(flow_r, 0, sizeof *flow_r);
	sodium_memzero(&said, sizeof said);
	return err;
}
