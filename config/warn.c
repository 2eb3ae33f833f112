/* What onthaal.yaml may say, and what yet would fail when it matters: told by onthaal check. */
#include "base/net.h"
#include "config/loading.h"

#include <stdio.h>
#include <string.h>

enum { KEY = 60, WORDS = 400, SECRET_LEAST = 16 };

struct warn {
	struct load load;
	const struct config *config;
};

static bool is(const struct config_line *line, const char *kind)
{
	return !strcmp(line->kind, kind);
}

/* Far away, so that only what the whole net can reach will do. */
static bool is_cloud(const struct config_line *line)
{
	return is(line, "twilio");
}

static const char *platform(const struct config_line *line)
{
	return is(line, "twilio") ? "the platform"
		: is(line, "jambonz") ? "jambonz"
		: is(line, "httapi")  ? "FreeSWITCH"
				      : "Asterisk";
}

static bool private_url(const char *url)
{
	char host[NET_HOST_MAX + 1];
	return url && net_host(url, host) && net_private_host(host);
}

static void warn_private(const struct warn *warn, const char *key, const char *url)
{
	if (!warn->config->outbox.allow_private && private_url(url))
		loading_wrong(&warn->load, key,
			"is of this machine or a local network, which nothing is sent to: set "
			"outbox.allow_private: true, or give an address outside");
}

static const char *public_url(const struct config *config)
{
	return config->telephone.public_url ? config->telephone.public_url
					    : config->server.public_url;
}

/* Without a name of ours we are called by the address that we listen on. */
static bool reaches_us(const struct config *config, const struct config_line *line)
{
	char host[NET_HOST_MAX + 1];

	if (!strcmp(line->kind, "twilio") || !strcmp(line->kind, "jambonz"))
		return false;
	if (!net_this_machine(config->server.address))
		return strcmp(config->server.address, "0.0.0.0") != 0
			&& strcmp(config->server.address, "::") != 0;
	return line->api_url && net_host(line->api_url, host) && net_this_machine(host);
}

static void warn_public(const struct warn *warn)
{
	const struct config *config = warn->config;
	const char *url = public_url(config);
	const char *key = config->telephone.public_url || !url ? "telephone.public_url"
							       : "server.public_url";
	char words[WORDS];

	for (uint32_t i = 0; i < config->telephone.lines_count; i++) {
		const struct config_line *line = &config->telephone.lines[i];
		if (!url && !reaches_us(config, line)) {
			snprintf(words, sizeof words,
				"is missing: %s would be told %s port %u, so that %s; write what "
				"it calls us by, https://phone.example.org",
				platform(line), config->server.address, config->server.port,
				is(line, "twilio")
					? "no signature fits, and no prompt is found"
					: "it finds neither us nor the prompts, unless it runs here");
		} else if (url && is_cloud(line) && private_url(url)) {
			snprintf(words, sizeof words,
				"is of this machine or a local network, where line %s cannot reach "
				"us: write a name that the whole net knows",
				line->name);
		} else {
			continue;
		}
		loading_wrong(&warn->load, key, words);
		return; /* once: it is one key */
	}
}

/* Callbacks are offered by whoever can dial; these would be refused when it is tried. */
static void warn_callback(const struct warn *warn, uint32_t i, const char *key)
{
	const struct config *config = warn->config;
	const struct config_line *line = &config->telephone.lines[i];
	bool by_number = is(line, "twilio") || is(line, "jambonz");

	if (!config->telephone.callback_attempts)
		return;
	if (by_number && !config->telephone.caller_id)
		loading_wrong(&warn->load, "telephone.caller_id",
			"is missing, and the platform does not dial without: no callback would be "
			"made; write the centre's number, \"+32…\", or callback_attempts: 0");
	if (is(line, "jambonz") && !line->application)
		loading_wrong(&warn->load, key,
			"application is missing: jambonz calls back by one; give it, or set "
			"telephone.callback_attempts: 0");
	if (is(line, "httapi") && line->api_url && !line->account)
		loading_wrong(&warn->load, key,
			"without account, the gateway of FreeSWITCH, no number can be rung, only "
			"telephones of its own: give it, or set telephone.callback_attempts: 0");
}

/* The others' are made by the platform; this one a person thinks up, and nothing else proves who asks. */
static void warn_secrets(const struct warn *warn, uint32_t i)
{
	const struct config_line *line = &warn->config->telephone.lines[i];
	char key[KEY];

	for (uint32_t k = 0; is(line, "httapi") && k < line->secrets_count; k++) {
		if (strlen(line->secrets[k]) >= SECRET_LEAST)
			continue;
		snprintf(key, sizeof key, "telephone.lines.%u.secrets", i);
		loading_wrong(&warn->load, key,
			"can be guessed, and who has it brings calls and hears what we answer: write "
			"at least 16 characters that nobody thought up, as openssl rand -hex 16 makes "
			"them");
		return;
	}
}

static void warn_line(const struct warn *warn, uint32_t i)
{
	const struct config_line *line = &warn->config->telephone.lines[i];
	char key[KEY];

	snprintf(key, sizeof key, "telephone.lines.%u.api_url", i);
	warn_private(warn, key, line->api_url);
	warn_secrets(warn, i);
	snprintf(key, sizeof key, "telephone.lines.%u", i);
	warn_callback(warn, i, key);
	if (is(line, "jambonz") && (!line->api_url || !line->account || !line->password))
		loading_wrong(&warn->load, key,
			"without api_url, account and password nothing can be asked of jambonz: who "
			"takes a call waits up to 20 s, no callback is made, and hanging up does "
			"nothing");
}

/* Without a trunk only softphones and SIP addresses can be rung. */
static void warn_sip(const struct warn *warn)
{
	const struct config *config = warn->config;
	bool dials = config->sip.trunks_count;

	for (uint32_t i = 0; i < config->telephone.lines_count; i++)
		dials = dials || !is(&config->telephone.lines[i], "httapi")
			|| config->telephone.lines[i].api_url;
	if (config->sip.address && !dials && config->telephone.callback_attempts)
		loading_wrong(&warn->load, "sip.trunks",
			"is missing: callbacks are offered, and no number can be rung; add a trunk, "
			"or set telephone.callback_attempts: 0");
}

/* By the ordinary port Tor's visitors are this machine itself, for which no limit holds. */
static void warn_onion(const struct warn *warn)
{
	if (warn->config->server.onion && !warn->config->server.onion_port)
		loading_wrong(&warn->load, "server.onion",
			"has no onion_port: whoever comes by Tor counts as this machine itself, which "
			"no limit holds for; set server.onion_port: 8081 and tell it to Tor");
}

void config_warn(const char *path, const struct config *config, struct config_errors *warnings)
{
	struct config_errors none = { 0 };
	struct warn warn = { .load = { .path = path, .errors = warnings }, .config = config };
	char key[KEY];

	if (document_open(path, &warn.load.document, &none)) { /* gone since it was loaded */
		config_errors_finish(&none);
		return;
	}
	warn_onion(&warn);
	warn_public(&warn);
	for (uint32_t i = 0; i < config->telephone.lines_count; i++)
		warn_line(&warn, i);
	warn_sip(&warn);
	warn_private(&warn, "oidc.issuer", config->oidc.issuer);
	for (uint32_t i = 0; i < config->outbox.notices_count; i++) {
		snprintf(key, sizeof key, "outbox.notices.%u.url", i);
		warn_private(&warn, key, config->outbox.notices[i].url);
	}
	document_close(&warn.load.document);
}
