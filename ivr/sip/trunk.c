#include "ivr/sip/trunk.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/sip/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct trunk {
	struct exchange *exchange;
	const struct exchange_trunk *settings;
	struct stack own; /* with TLS */
	struct stack *stack;
	struct sipreg *registration;
	struct tmr timer;
	size_t server; /* in use */
	uint32_t failures;
	bool up;
	struct sa from; /* who answered */
};

static void try_register(void *arg);

bool trunk_owns(const struct trunk *trunk, const struct sa *source)
{
	return sa_isset(&trunk->from, SA_ADDR) && sa_cmp(&trunk->from, source, SA_ADDR);
}

int trunk_login(const struct trunk *trunk, char **user_r, char **password_r)
{
	int err = str_dup(user_r, trunk->settings->user);
	return err ? err : str_dup(password_r, trunk->settings->password);
}

bool trunk_is_tls(const struct trunk *trunk)
{
	return trunk->settings->transport == SIP_TRANSP_TLS;
}

struct stack *trunk_stack(struct trunk *trunk)
{
	return trunk->stack;
}

bool trunk_route(const struct trunk *trunk, char *route_r, size_t size)
{
	const struct exchange_trunk *settings = trunk->settings;

	return re_snprintf(route_r, size, "sip:%s%s", settings->servers[trunk->server],
		       sip_transp_param(settings->transport))
		> 0;
}

bool trunk_number(const struct trunk *trunk, const char *number, const char *cli, char *uri_r,
	size_t uri_size, char *from_r, size_t from_size)
{
	const struct exchange_trunk *settings = trunk->settings;

	if (!trunk->up)
		return false;
	snprintf(uri_r, uri_size, "sip:%s@%s", number, settings->domain);
	snprintf(from_r, from_size, "sip:%s@%s", *cli ? cli : settings->user, settings->domain);
	return true;
}

static void count_up(struct exchange *exchange)
{
	uint32_t up = 0;

	for (size_t i = 0; i < exchange->settings.trunk_count; i++)
		up += exchange->trunks[i] && exchange->trunks[i]->up;
	exchange->tally->trunks_up = up;
}

static void set_up(struct trunk *trunk, bool up)
{
	if (trunk->up != up && up)
		log_info("trunk registered", "trunk=%s server=%zu", trunk->settings->name,
			trunk->server + 1);
	if (trunk->up != up && !up)
		log_warn("trunk lost", "trunk=%s server=%zu", trunk->settings->name,
			trunk->server + 1);
	trunk->up = up;
	count_up(trunk->exchange);
}

/* The next server: at once while there is one that was not tried, then with more and more patience. */
static void try_next(struct trunk *trunk)
{
	size_t servers = trunk->settings->server_count;
	uint32_t rounds, wait;

	set_up(trunk, false);
	trunk->failures++;
	trunk->server = (trunk->server + 1) % servers;
	rounds = trunk->failures / (uint32_t)servers;
	wait = trunk->failures % servers ? 0 : TRUNK_RETRY_SECONDS << (rounds < 6 ? rounds - 1 : 5);
	if (wait > TRUNK_RETRY_MOST)
		wait = TRUNK_RETRY_MOST;
	if (trunk->failures == servers)
		log_warn("trunk cannot register, trying on", "trunk=%s", trunk->settings->name);
	tmr_start(&trunk->timer, (uint64_t)wait * 1000, try_register, trunk);
}

static void on_response(int err, const struct sip_msg *msg, void *arg)
{
	struct trunk *trunk = arg;

	if (err || !msg || msg->scode >= 300) {
		if (msg && (msg->scode == 401 || msg->scode == 403 || msg->scode == 407))
			log_error("trunk refuses user or password", "trunk=%s status=%u",
				trunk->settings->name, msg->scode);
		try_next(trunk); /* it drops this registration from its timer, not here */
		return;
	}
	if (msg->scode >= 200) {
		trunk->from = msg->src;
		trunk->failures = 0;
		set_up(trunk, true);
	}
}

static int on_auth(char **user, char **password, const char *realm, void *arg)
{
	(void)realm;
	return trunk_login(arg, user, password);
}

static void try_register(void *arg)
{
	struct trunk *trunk = arg;
	const struct exchange_trunk *settings = trunk->settings;
	char registrar[200], self[200], route[200];
	const char *routes[] = { route };

	trunk->registration = mem_deref(trunk->registration);
	re_snprintf(registrar, sizeof registrar, "sip:%s", settings->domain);
	re_snprintf(self, sizeof self, "sip:%s@%s", settings->user, settings->domain);
	if (!trunk_route(trunk, route, sizeof route)
		|| sipreg_register(&trunk->registration, trunk->stack->sip, registrar, self, NULL,
			self, settings->expires, settings->user, routes, 1, 0, on_auth, trunk, false,
			on_response, trunk, NULL, NULL))
		try_next(trunk);
}

static struct trunk *create(struct exchange *exchange, const struct exchange_trunk *settings)
{
	struct trunk *trunk = mem_alloc(sizeof *trunk);

	trunk->exchange = exchange;
	trunk->settings = settings;
	tmr_init(&trunk->timer);
	sa_init(&trunk->from, AF_INET);
	trunk->stack = &trunk->own;
	trunk->own.trunk = trunk;
	return trunk;
}

enum err trunks_start(struct exchange *exchange)
{
	for (size_t i = 0; i < exchange->settings.trunk_count; i++) {
		const struct exchange_trunk *settings = &exchange->settings.trunks[i];
		struct trunk *trunk = create(exchange, settings);

		exchange->trunks[i] = trunk;
		if (stack_client(exchange, settings->transport, settings->domain, settings->ca,
			    &trunk->own)) {
			snprintf(exchange->error, sizeof exchange->error,
				"sip.trunks: %s: cannot be prepared; is its ca a PEM file?",
				settings->name);
			return ERR_INVALID;
		}
		try_register(trunk);
	}
	exchange->tally->trunks = (uint32_t)exchange->settings.trunk_count;
	return OK;
}

void trunks_unregister(struct exchange *exchange)
{
	for (size_t i = 0; i < exchange->settings.trunk_count; i++) {
		struct trunk *trunk = exchange->trunks[i];
		if (!trunk)
			continue;
		tmr_cancel(&trunk->timer);
		trunk->registration = mem_deref(trunk->registration);
		set_up(trunk, false);
	}
}

void trunks_stop(struct exchange *exchange)
{
	trunks_unregister(exchange);
	for (size_t i = 0; i < exchange->settings.trunk_count; i++) {
		if (!exchange->trunks[i])
			continue;
		stack_stop(&exchange->trunks[i]->own);
		free(exchange->trunks[i]);
		exchange->trunks[i] = NULL;
	}
}
