#include "ivr/sip/registrar.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/sip/door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTACT_MAX = 200 };

struct binding {
	char user[DIGEST_NAME_MAX + 1]; /* "": free */
	char contact[CONTACT_MAX + 1]; /* as the telephone says it: its answer must repeat it */
	char uri[IVR_TARGET_MAX + 1]; /* where it is reached: the address it came from */
	int64_t until, since;
	uint32_t call, seq; /* of the REGISTER, by hash */
};

struct registrar {
	struct exchange *exchange;
	struct binding bindings[REGISTRAR_BINDINGS];
};

struct registrar *registrar_create(struct exchange *exchange)
{
	struct registrar *registrar = mem_alloc(sizeof *registrar);
	registrar->exchange = exchange;
	return registrar;
}

void registrar_destroy(struct registrar **registrar)
{
	free(*registrar);
	*registrar = NULL;
}

static bool live(const struct binding *binding, int64_t now)
{
	return *binding->user && binding->until > now;
}

static void count_live(struct registrar *registrar, int64_t now)
{
	uint32_t count = 0;

	for (size_t i = 0; i < REGISTRAR_BINDINGS; i++)
		count += live(&registrar->bindings[i], now);
	registrar->exchange->tally->registered = count;
}

bool registrar_find(struct registrar *registrar, const char *name, char *uri_r, size_t size)
{
	const struct binding *best = NULL;
	int64_t now = exchange_now();

	for (size_t i = 0; i < REGISTRAR_BINDINGS; i++) {
		const struct binding *one = &registrar->bindings[i];
		if (live(one, now) && strcmp(one->user, name) == 0
			&& (!best || one->since > best->since))
			best = one;
	}
	count_live(registrar, now);
	if (!best)
		return false;
	snprintf(uri_r, size, "%s", best->uri);
	return true;
}

struct asking { /* one REGISTER */
	struct registrar *registrar;
	const struct sip_msg *msg;
	const char *user;
	int64_t now;
	int status; /* 0: good */
	bool dry; /* first everything is checked, then done */
};

static struct binding *place_for(struct asking *asking, const struct pl *contact)
{
	struct binding *free_one = NULL;
	uint32_t own = 0;

	for (size_t i = 0; i < REGISTRAR_BINDINGS; i++) {
		struct binding *one = &asking->registrar->bindings[i];
		if (!live(one, asking->now)) {
			free_one = free_one ? free_one : one;
		} else if (strcmp(one->user, asking->user) == 0) {
			if (pl_strcmp(contact, one->contact) == 0)
				return one;
			own++;
		}
	}
	return own < REGISTRAR_OF_ONE ? free_one : NULL;
}

static uint32_t seconds_of(const struct asking *asking, const struct sip_addr *contact)
{
	struct pl value;

	if (!msg_param_decode(&contact->params, "expires", &value))
		return pl_u32(&value);
	if (pl_isset(&asking->msg->expires))
		return pl_u32(&asking->msg->expires);
	return REGISTRAR_MOST_SECONDS;
}

static void bind_contact(struct asking *asking, const struct sip_addr *contact, uint32_t seconds)
{
	struct binding *place = place_for(asking, &contact->auri);
	const struct sip_msg *msg = asking->msg;
	uint32_t call = hash_joaat_pl(&msg->callid);
	struct pl user = contact->uri.user;

	if (!place) {
		asking->status = 503;
		return;
	}
	if (live(place, asking->now) && place->call == call && msg->cseq.num < place->seq) {
		asking->status = 500; /* overtaken by a newer one */
		return;
	}
	if (asking->dry)
		return;
	*place = (struct binding) { .until = seconds ? asking->now + (int64_t)seconds * 1000 : 0,
		.since = asking->now,
		.call = call,
		.seq = msg->cseq.num };
	if (!seconds)
		return;
	snprintf(place->user, sizeof place->user, "%s", asking->user);
	(void)pl_strcpy(&contact->auri, place->contact, sizeof place->contact);
	(void)re_snprintf(place->uri, sizeof place->uri, "sip:%r@%J%s", &user, &msg->src,
		sip_transp_param(msg->tp));
}

static bool on_contact(const struct sip_hdr *header, const struct sip_msg *msg, void *arg)
{
	struct asking *asking = arg;
	struct sip_addr contact;
	uint32_t seconds;
	(void)msg;

	if (pl_strcmp(&header->val, "*") == 0) {
		if (!pl_isset(&asking->msg->expires) || pl_u32(&asking->msg->expires))
			asking->status = 400;
		for (size_t i = 0; !asking->status && !asking->dry && i < REGISTRAR_BINDINGS; i++)
			if (strcmp(asking->registrar->bindings[i].user, asking->user) == 0)
				*asking->registrar->bindings[i].user = '\0';
		return asking->status != 0;
	}
	if (sip_addr_decode(&contact, &header->val) || contact.auri.l > CONTACT_MAX
		|| contact.uri.user.l > 60 || !pl_isset(&contact.uri.user)
		|| !guard_plain(&contact.auri)) {
		asking->status = 400;
		return true;
	}
	seconds = seconds_of(asking, &contact);
	if (seconds && seconds < REGISTRAR_LEAST_SECONDS)
		asking->status = 423;
	else
		bind_contact(asking, &contact,
			seconds > REGISTRAR_MOST_SECONDS ? REGISTRAR_MOST_SECONDS : seconds);
	return asking->status != 0;
}

static int print_bindings(struct re_printf *pf, void *arg)
{
	const struct asking *asking = arg;
	int err = 0;

	for (size_t i = 0; i < REGISTRAR_BINDINGS; i++) {
		const struct binding *one = &asking->registrar->bindings[i];
		if (live(one, asking->now) && strcmp(one->user, asking->user) == 0)
			err |= re_hprintf(pf, "Contact: <%s>;expires=%u\r\n", one->contact,
				(unsigned)((one->until - asking->now) / 1000));
	}
	return err;
}

static void do_register(struct registrar *registrar, struct stack *stack,
	const struct sip_msg *msg, const struct digest_user *user)
{
	struct asking asking = { .registrar = registrar,
		.msg = msg,
		.user = user->name,
		.now = exchange_now(),
		.dry = true };

	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_CONTACT, on_contact, &asking);
	if (asking.status == 423) {
		(void)sip_replyf(stack->sip, msg, 423, "Interval Too Brief",
			"Min-Expires: %u\r\nContent-Length: 0\r\n\r\n", REGISTRAR_LEAST_SECONDS);
		return;
	}
	if (asking.status) {
		(void)sip_reply(stack->sip, msg, (uint16_t)asking.status, "Not Registered");
		return;
	}
	asking.dry = false;
	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_CONTACT, on_contact, &asking);
	count_live(registrar, asking.now);
	(void)sip_replyf(stack->sip, msg, 200, "OK", "%HContent-Length: 0\r\n\r\n", print_bindings,
		&asking);
}

void registrar_request(struct registrar *registrar, struct stack *stack, const struct sip_msg *msg)
{
	struct exchange *exchange = registrar->exchange;
	const struct access *access = exchange->access;
	const struct digest_user *user = NULL;
	enum digest_result result;

	if (msg->tp != SIP_TRANSP_TLS && !sa_is_loopback(&msg->src)
		&& !guard_loopback(exchange->settings.address)) {
		(void)sip_reply(stack->sip, msg, 403, "TLS Required");
		return;
	}
	result = digest_check(exchange->digest, msg, access->staff, access->staff_count,
		exchange_now(), &user);
	if (result != DIGEST_GOOD) {
		digest_ask(exchange->digest, stack->sip, msg, result == DIGEST_STALE,
			exchange_now());
		return;
	}
	door_known(msg);
	if (pl_strcmp(&msg->to.uri.user, user->name) != 0) {
		exchange->tally->refused++;
		(void)sip_reply(stack->sip, msg, 403, "Forbidden");
		return;
	}
	do_register(registrar, stack, msg, user);
}
