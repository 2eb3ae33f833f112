#include "ivr/sip/guard.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN = 60000 };

struct bucket {
	uint64_t source;
	int64_t last; /* ms */
	uint64_t tokens; /* TOKEN for one request: then a ms gives per_minute of them */
};

struct guard_rate {
	uint8_t key[crypto_shorthash_KEYBYTES];
	uint32_t per_minute;
	struct bucket buckets[GUARD_BUCKETS];
};

static void to_bytes(const struct sa *address, uint8_t bytes_r[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (sa_af(address) == AF_INET6) {
		memcpy(bytes_r, &address->u.in6.sin6_addr, 16);
		return;
	}
	memcpy(bytes_r, mapped, 12);
	memcpy(bytes_r + 12, &address->u.in.sin_addr, 4);
}

enum err guard_net_parse(const char *text, struct guard_net *net_r)
{
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	struct sa address;
	char *end = NULL;
	char host[64];
	unsigned long bits;
	unsigned most;

	if (!length || length >= sizeof host)
		return ERR_INVALID;
	memcpy(host, text, length);
	host[length] = '\0';
	if (sa_set_str(&address, host, 0))
		return ERR_INVALID;
	most = sa_af(&address) == AF_INET ? 32 : 128;
	bits = slash ? strtoul(slash + 1, &end, 10) : most;
	if (slash && (end == slash + 1 || *end || bits > most))
		return ERR_INVALID;
	to_bytes(&address, net_r->bytes);
	net_r->bits = (uint8_t)(bits + 128 - most);
	return OK;
}

bool guard_net_has(const struct guard_net *nets, size_t count, const struct sa *address)
{
	uint8_t bytes[16];

	to_bytes(address, bytes);
	for (size_t i = 0; i < count; i++) {
		unsigned whole = nets[i].bits / 8, rest = nets[i].bits % 8;
		uint8_t mask = (uint8_t)(0xff00 >> rest);
		if (memcmp(bytes, nets[i].bytes, whole) == 0
			&& (!rest || ((bytes[whole] ^ nets[i].bytes[whole]) & mask) == 0))
			return true;
	}
	return false;
}

bool guard_loopback(const char *address)
{
	struct sa parsed;

	return address && !sa_set_str(&parsed, address, 0) && sa_is_loopback(&parsed);
}

struct guard_rate *guard_rate_create(uint32_t per_minute)
{
	struct guard_rate *rate = mem_alloc(sizeof *rate);

	crypto_shorthash_keygen(rate->key);
	rate->per_minute = per_minute;
	return rate;
}

void guard_rate_destroy(struct guard_rate **rate)
{
	free(*rate);
	*rate = NULL;
}

/* IPv6: of the /64, which one household or attacker has whole. */
static uint64_t source_of(const struct guard_rate *rate, const struct sa *source)
{
	uint8_t bytes[16], hash[crypto_shorthash_BYTES];
	uint64_t number;

	to_bytes(source, bytes);
	if (sa_af(source) == AF_INET6)
		memset(bytes + 8, 0, 8);
	crypto_shorthash(hash, bytes, sizeof bytes, rate->key);
	memcpy(&number, hash, sizeof number);
	return number ? number : 1;
}

static void refill(const struct guard_rate *rate, struct bucket *bucket, int64_t now)
{
	uint64_t most = (uint64_t)rate->per_minute * TOKEN;
	int64_t passed = now - bucket->last;

	if (passed < 0)
		passed = 0;
	bucket->tokens += (uint64_t)(passed > TOKEN ? TOKEN : passed) * rate->per_minute;
	if (bucket->tokens > most)
		bucket->tokens = most;
	bucket->last = now;
}

bool guard_rate_take(struct guard_rate *rate, const struct sa *source, int64_t now)
{
	uint64_t number = source_of(rate, source);
	size_t set = number / GUARD_WAYS % (GUARD_BUCKETS / GUARD_WAYS) * GUARD_WAYS;
	struct bucket *bucket = &rate->buckets[set];

	for (size_t i = 0; i < GUARD_WAYS; i++) {
		struct bucket *one = &rate->buckets[set + i];
		if (one->source == number) {
			bucket = one;
			break;
		}
		if (one->last < bucket->last)
			bucket = one;
	}
	if (bucket->source != number)
		*bucket = (struct bucket) {
			.source = number, .last = now, .tokens = (uint64_t)rate->per_minute * TOKEN
		};
	refill(rate, bucket, now);
	if (bucket->tokens < TOKEN)
		return false;
	bucket->tokens -= TOKEN;
	return true;
}

static bool contains(const struct pl *text, const char *word)
{
	size_t length = strlen(word);

	for (size_t i = 0; i + length <= text->l; i++)
		if (strncasecmp(text->p + i, word, length) == 0)
			return true;
	return false;
}

bool guard_scanner(const struct sip_msg *msg)
{
	static const char *const words[] = { "friendly-scanner", "sipvicious", "sipcli", "sip-scan",
		"sundayddr", "vaxsipuseragent", "pplsip", "iwar", "sipsak", "smap" };
	const struct sip_hdr *agent = sip_msg_hdr(msg, SIP_HDR_USER_AGENT);

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if ((agent && contains(&agent->val, words[i])) || contains(&msg->from.val, words[i]))
			return true;
	return false;
}

bool guard_plain(const struct pl *text)
{
	for (size_t i = 0; i < text->l; i++)
		if (text->p[i] < '!' || text->p[i] > '~' || strchr("<>\"", text->p[i]))
			return false;
	return true;
}

bool guard_method_known(const struct pl *method)
{
	static const char *const known[]
		= { "INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "INFO", "REGISTER" };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (pl_strcmp(method, known[i]) == 0)
			return true;
	return false;
}

/* libre answers to the Via's maddr: a stranger could aim our answers at a victim. */
static bool aims_elsewhere(const struct sip_msg *msg)
{
	struct pl maddr;
	struct sa address;

	if (msg_param_decode(&msg->via.params, "maddr", &maddr))
		return false;
	return sa_set(&address, &maddr, 0) || !sa_cmp(&address, &msg->src, SA_ADDR);
}

static bool repeats_single(const struct sip_msg *msg)
{
	static const enum sip_hdrid single[] = { SIP_HDR_TO, SIP_HDR_FROM, SIP_HDR_CALL_ID,
		SIP_HDR_CSEQ, SIP_HDR_MAX_FORWARDS, SIP_HDR_CONTENT_LENGTH, SIP_HDR_CONTENT_TYPE };

	for (size_t i = 0; i < sizeof single / sizeof *single; i++)
		if (sip_msg_hdr_count(msg, single[i]) > 1)
			return true;
	return false;
}

static bool body_is_short(const struct sip_msg *msg)
{
	return pl_isset(&msg->clen) && pl_u32(&msg->clen) > mbuf_get_left(msg->mb);
}

static bool number_is_bad(const struct pl *value)
{
	if (!pl_isset(value))
		return false;
	if (value->l > 9)
		return true;
	for (size_t i = 0; i < value->l; i++)
		if (value->p[i] < '0' || value->p[i] > '9')
			return true;
	return false;
}

static const char *malformed(const struct sip_msg *msg)
{
	if (!pl_isset(&msg->from.auri) || !pl_isset(&msg->to.auri))
		return "Missing From or To";
	if (!pl_isset(&msg->from.tag))
		return "Missing From Tag";
	if (!pl_isset(&msg->callid) || msg->callid.l > 255)
		return "Missing Call-ID";
	if (pl_cmp(&msg->cseq.met, &msg->met) != 0)
		return "CSeq Method Mismatch";
	if (!pl_isset(&msg->via.branch) || msg->via.branch.l > 255)
		return "Missing Via Branch";
	if (repeats_single(msg))
		return "Repeated Header";
	if (number_is_bad(&msg->clen) || number_is_bad(&msg->maxfwd) || body_is_short(msg))
		return "Bad Length";
	return NULL;
}

struct tags {
	struct re_printf *pf;
	int count;
};

static bool print_tag(const struct sip_hdr *header, const struct sip_msg *msg, void *arg)
{
	struct tags *tags = arg;
	(void)msg;

	if (header->val.l > 40 || tags->count == 8)
		return false;
	(void)re_hprintf(tags->pf, "%s%r", tags->count++ ? ", " : "", &header->val);
	return false;
}

int guard_print_required(struct re_printf *pf, void *arg)
{
	struct tags tags = { .pf = pf };
	(void)sip_msg_hdr_apply(arg, true, SIP_HDR_REQUIRE, print_tag, &tags);
	return 0;
}

int guard_request(const struct sip_msg *msg, const char **reason_r)
{

	if (aims_elsewhere(msg))
		return -1;
	*reason_r = malformed(msg);
	if (*reason_r)
		return 400;
	if (!PL_IS(&msg->uri.scheme, "sip") && !PL_IS(&msg->uri.scheme, "sips")
		&& !PL_IS(&msg->uri.scheme, "tel")) {
		*reason_r = "Unsupported URI Scheme";
		return 416;
	}
	if (!guard_method_known(&msg->met)) {
		*reason_r = "Method Not Allowed";
		return 405;
	}
	if (sip_msg_hdr(msg, SIP_HDR_REQUIRE) && pl_strcmp(&msg->met, "ACK") != 0
		&& pl_strcmp(&msg->met, "CANCEL") != 0) {
		*reason_r = "Bad Extension";
		return 420;
	}
	if (sip_msg_hdr(msg, SIP_HDR_CONTENT_ENCODING)) {
		*reason_r = "Unsupported Content Encoding";
		return 415;
	}
	return 0;
}
