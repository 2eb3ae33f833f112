#include "ivr/sip/settings.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum sip_transp transport_of(const char *text)
{
	return strcmp(text, "tls") == 0 ? SIP_TRANSP_TLS
		: strcmp(text, "tcp") == 0 ? SIP_TRANSP_TCP
					   : SIP_TRANSP_UDP;
}

static void copy_trunk(struct exchange_trunk *trunk_r, const struct config_sip_trunk *trunk)
{
	uint32_t count = trunk->servers_count ? trunk->servers_count : 1;

	*trunk_r = (struct exchange_trunk) { .name = mem_dup(trunk->name),
		.domain = mem_dup(trunk->domain),
		.user = mem_dup(trunk->user),
		.password = mem_dup(trunk->password),
		.ca = mem_dup(trunk->ca),
		.transport = transport_of(trunk->transport ? trunk->transport : "tls"),
		.expires = trunk->expires ? trunk->expires : 600,
		.servers = mem_array(count, sizeof(char *)),
		.server_count = count };
	for (uint32_t i = 0; i < count; i++)
		trunk_r->servers[i]
			= mem_dup(trunk->servers_count ? trunk->servers[i] : trunk->domain);
}

void settings_init(struct exchange_settings *settings_r, const struct config *config)
{
	*settings_r = (struct exchange_settings) { .address = mem_dup(config->sip.address),
		.public_address = mem_dup(config->sip.public_address),
		.certificate = mem_dup(config->sip.certificate),
		.key = mem_dup(config->sip.key),
		.user = mem_dup(config->sip.user),
		.cli = mem_dup(config->telephone.caller_id ? config->telephone.caller_id : ""),
		.port = config->sip.port,
		.tls_port = config->sip.tls_port,
		.rtp_low = config->sip.rtp_from,
		.rtp_high = config->sip.rtp_to,
		.calls = config->sip.calls,
		.messages = config->sip.messages,
		.invites_per_minute = config->sip.requests_per_minute,
		.silence_seconds = config->sip.silence_seconds,
		.call_minutes = config->sip.call_minutes,
		.drain_seconds = config->sip.drain_seconds,
		.ring_seconds = config->telephone.ring_seconds,
		.srtp_only = config->sip.srtp_only };
	for (uint32_t i = 0; i < config->sip.trunks_count && i < EXCHANGE_TRUNKS_MAX; i++)
		copy_trunk(&settings_r->trunks[settings_r->trunk_count++], &config->sip.trunks[i]);
}

static void wipe(char *text)
{
	if (text)
		sodium_memzero(text, strlen(text));
	free(text);
}

void settings_finish(struct exchange_settings *settings)
{
	for (size_t i = 0; i < settings->trunk_count; i++) {
		struct exchange_trunk *trunk = &settings->trunks[i];
		for (size_t n = 0; n < trunk->server_count; n++)
			free(trunk->servers[n]);
		free(trunk->servers);
		free(trunk->name);
		free(trunk->domain);
		free(trunk->user);
		wipe(trunk->password);
		free(trunk->ca);
	}
	free(settings->address);
	free(settings->public_address);
	free(settings->certificate);
	free(settings->key);
	free(settings->user);
	free(settings->cli);
	memset(settings, 0, sizeof *settings);
}

static enum err take_nets(
	struct access *access, const char *const *texts, uint32_t count, char *error, size_t error_size)
{
	for (uint32_t i = 0; i < count; i++) {
		if (access->net_count == GUARD_NETS_MAX
			|| guard_net_parse(texts[i], &access->nets[access->net_count])) {
			snprintf(error, error_size,
				"sip.allow: \"%s\" is not an address or prefix such as 192.0.2.0/24",
				texts[i]);
			return ERR_INVALID;
		}
		access->net_count++;
	}
	return OK;
}

static struct digest_user *take_users(const struct config_sip_user *users, uint32_t count)
{
	struct digest_user *taken = mem_array(count + 1, sizeof *taken);

	for (uint32_t i = 0; i < count; i++)
		digest_user_set(&taken[i], users[i].name, users[i].password);
	return taken;
}

enum err access_create(
	const struct config *config, struct access **access_r, char *error, size_t error_size)
{
	static const char *const loopback[] = { "127.0.0.0/8", "::1" }, *const all[] = { "::/0" };
	struct access *access = mem_alloc(sizeof *access);
	enum err err = config->sip.allow_count
		? take_nets(access, (const char *const *)config->sip.allow, config->sip.allow_count, error, error_size)
		: guard_loopback(config->sip.address) ? take_nets(access, all, 1, error, error_size)
		: take_nets(access, loopback, 2, error, error_size);

	access->callers = take_users(config->sip.users, config->sip.users_count);
	access->caller_count = config->sip.users_count;
	access->staff = take_users(config->sip.staff, config->sip.staff_count);
	access->staff_count = config->sip.staff_count;
	if (err)
		access_destroy(&access);
	*access_r = access;
	return err;
}

void access_destroy(struct access **access)
{
	if (!*access)
		return;
	sodium_memzero((*access)->callers, (*access)->caller_count * sizeof *(*access)->callers);
	sodium_memzero((*access)->staff, (*access)->staff_count * sizeof *(*access)->staff);
	free((*access)->callers);
	free((*access)->staff);
	free(*access);
	*access = NULL;
}
