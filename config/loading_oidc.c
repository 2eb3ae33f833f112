/* The section `oidc` of onthaal.yaml: what its schema cannot say. */
#include "base/mem.h"
#include "base/net.h"
#include "config/loading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ISSUER_MAX = 400, CLIENT_MAX = 200, SECRET_MAX = 400, LABEL_MAX = 40, WORDS_MAX = 8, WORD_MAX = 80 };

static bool printable(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~' || *text == '"' || *text == '\\')
			return false;
	return true;
}

static bool of_this_machine(const char *url)
{
	char host[NET_HOST_MAX + 1];
	return !strncmp(url, "http://", 7) && net_host(url, host) && net_this_machine(host);
}

/* Core, 2: https, a host, perhaps a port and a path. */
static bool issuer_good(const struct config *config)
{
	const char *issuer = config->oidc.issuer;
	bool tls = !strncmp(issuer, "https://", 8) && issuer[8] && issuer[8] != '/';

	if (!printable(issuer) || strlen(issuer) > ISSUER_MAX || strpbrk(issuer, "?#@<>`{|}^"))
		return false;
	return tls || (config->outbox.allow_private && of_this_machine(issuer));
}

static void check_words(
	const struct load *load, const char *key, char *const *words, uint32_t count)
{
	bool good = count <= WORDS_MAX;

	for (uint32_t i = 0; i < count; i++)
		good = good && printable(words[i]) && *words[i] && strlen(words[i]) <= WORD_MAX;
	if (!good)
		loading_wrong(load, key, "at most 8 words of at most 80 characters, without spaces");
}

static void check_scopes(const struct load *load)
{
	struct config *config = load->config;
	bool openid = false;

	check_words(load, "oidc.scopes", config->oidc.scopes, config->oidc.scopes_count);
	for (uint32_t i = 0; i < config->oidc.scopes_count; i++)
		openid = openid || !strcmp(config->oidc.scopes[i], "openid");
	if (!openid)
		loading_wrong(load, "oidc.scopes", "needs openid: [openid]");
}

static void check_client(const struct load *load)
{
	const struct config *config = load->config;
	const char *id = config->oidc.client_id, *secret = config->oidc.client_secret;

	if (!id || !printable(id) || strlen(id) > CLIENT_MAX)
		loading_wrong(load, "oidc.client_id",
			"write what the provider calls us, at most 200 characters without spaces");
	if (secret && (!printable(secret) || strlen(secret) > SECRET_MAX))
		loading_wrong(load, "oidc.client_secret",
			"write it as the provider gave it, at most 400 characters without spaces; without "
			"the key we are a public client");
}

static void check_label(const struct load *load)
{
	const char *label = load->config->oidc.label;
	bool good = !label || strlen(label) <= LABEL_MAX;

	for (const char *at = label; good && at && *at; at++)
		good = (unsigned char)*at >= ' ' && *at != 0x7f;
	if (!good)
		loading_wrong(load, "oidc.label", "is what stands on the button: at most 40 bytes, on one line");
}

/* They are sent back to it by the provider, who knows it letter by letter. */
static void check_return(const struct load *load)
{
	const char *url = load->config->server.public_url;

	if (!url)
		loading_wrong(load, "oidc.issuer",
			"needs server.public_url: the provider sends people back to it");
	else if (strncmp(url, "https://", 8) != 0
		&& !(load->config->outbox.allow_private && of_this_machine(url)))
		loading_wrong(load, "oidc.issuer", "needs a server.public_url that begins with https://");
}

static void set_defaults(struct config *config)
{
	const char *host = strstr(config->oidc.issuer, "://");

	if (!config->oidc.label && host) {
		char label[LABEL_MAX + 1];
		snprintf(label, sizeof label, "%.*s", (int)strcspn(host + 3, "/"), host + 3);
		config->oidc.label = mem_dup(label);
	}
	if (!config->oidc.scopes_count) {
		free(config->oidc.scopes);
		config->oidc.scopes = mem_array(1, sizeof *config->oidc.scopes);
		config->oidc.scopes[0] = mem_dup("openid");
		config->oidc.scopes_count = 1;
	}
}

void loading_oidc(const struct load *load)
{
	struct config *config = load->config;

	if (!config->oidc.issuer) {
		if (config->oidc.client_id || config->oidc.client_secret)
			loading_wrong(load, "oidc.issuer", "is missing: without it there is no sign-on");
		return;
	}
	if (!issuer_good(config)) {
		loading_wrong(load, "oidc.issuer",
			"write it letter by letter as the provider does, from https:// on (http:// of this "
			"machine with outbox.allow_private alone)");
		return;
	}
	set_defaults(config);
	check_client(load);
	check_label(load);
	check_scopes(load);
	check_words(load, "oidc.acr", config->oidc.acr, config->oidc.acr_count);
	check_words(load, "oidc.amr", config->oidc.amr, config->oidc.amr_count);
	check_return(load);
}
