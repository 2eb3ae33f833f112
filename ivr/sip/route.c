/* Where a target is: a SIP address, a softphone that registered with us, or a number for a trunk. */
#include "ivr/sip/line.h"
#include "ivr/sip/registrar.h"
#include "ivr/sip/trunk.h"

#include <stdio.h>
#include <string.h>

static bool is_number(const char *target)
{
	size_t digits = 0;

	for (const char *p = target + (*target == '+'); *p; p++) {
		if (*p >= '0' && *p <= '9')
			digits++;
		else if (!strchr(" .-/()", *p))
			return false;
	}
	return digits >= 2;
}

static void keep_digits(const char *target, char number_r[IVR_TARGET_MAX + 1])
{
	size_t length = 0;

	for (const char *p = target; *p && length < IVR_TARGET_MAX; p++)
		if ((*p >= '0' && *p <= '9') || (*p == '+' && p == target))
			number_r[length++] = *p;
	number_r[length] = '\0';
}

static void own_address(const struct exchange *exchange, const char *cli, char *from_r, size_t size)
{
	struct sa local;
	char number[IVR_TARGET_MAX + 1];

	keep_digits(cli, number);
	(void)sa_set_str(&local, exchange->settings.address, 0);
	(void)re_snprintf(from_r, size, sa_af(&local) == AF_INET6 ? "sip:%s@[%s]" : "sip:%s@%s",
		*number ? number : exchange->settings.user, exchange->settings.address);
}

/* sips: and transport=tls go by a stack that verifies that very host. */
static enum err dial_address(struct exchange *exchange, const char *target, const char *cli,
	const struct leg_events *events, struct leg **leg_r)
{
	struct stack *stack = &exchange->main;
	char uri[IVR_TARGET_MAX + 40], from[160], host[128];
	struct pl text, transport;
	struct uri parts;
	bool tls;

	pl_set_str(&text, target);
	if (strpbrk(target, " \t\r\n<>\"") || uri_decode(&parts, &text)
		|| pl_strcpy(&parts.host, host, sizeof host))
		return ERR_NOT_FOUND;
	tls = PL_IS(&parts.scheme, "sips")
		|| (!msg_param_decode(&parts.params, "transport", &transport)
			&& PL_IS(&transport, "tls"));
	if (tls)
		stack = stack_for_host(exchange, host);
	if (!stack)
		return ERR_NOT_FOUND;
	if (PL_IS(&parts.scheme, "sips"))
		snprintf(uri, sizeof uri, "sip:%s%s", target + 5,
			strstr(target, "transport=") ? "" : ";transport=tls");
	else
		snprintf(uri, sizeof uri, "%s", target);
	own_address(exchange, cli, from, sizeof from);
	return leg_dial(stack, uri, from, events, leg_r);
}

static enum err dial_number(struct exchange *exchange, const char *target, const char *cli,
	const struct leg_events *events, struct leg **leg_r)
{
	char number[IVR_TARGET_MAX + 1], own[IVR_TARGET_MAX + 1], uri[200], from[160];

	keep_digits(target, number);
	keep_digits(cli, own);
	for (size_t i = 0; i < exchange->settings.trunk_count; i++) {
		struct trunk *trunk = exchange->trunks[i];
		if (trunk_number(trunk, number, own, uri, sizeof uri, from, sizeof from)
			&& !leg_dial(trunk_stack(trunk), uri, from, events, leg_r))
			return OK;
	}
	return ERR_NOT_FOUND;
}

enum err route_dial(struct exchange *exchange, const char *target, const char *cli,
	const struct leg_events *events, struct leg **leg_r)
{
	char uri[IVR_TARGET_MAX + 1], from[160];

	if (!*cli)
		cli = exchange->settings.cli;
	if (strncasecmp(target, "sip:", 4) == 0 || strncasecmp(target, "sips:", 5) == 0)
		return dial_address(exchange, target, cli, events, leg_r);
	if (registrar_find(exchange->registrar, target, uri, sizeof uri)) {
		own_address(exchange, cli, from, sizeof from);
		return leg_dial(&exchange->main, uri, from, events, leg_r);
	}
	if (is_number(target))
		return dial_number(exchange, target, cli, events, leg_r);
	return ERR_NOT_FOUND;
}
