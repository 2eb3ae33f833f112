/* One-time links: they are opened in a browser, often another's. */
#include "base/net.h"
#include "command/command.h"
#include "console/webauthn.h"

#include <stdio.h>
#include <string.h>

enum { URL_BYTES = 300, PATH_BYTES = 4096 };

/* Where localhost leads to us, it is the better name: passkeys belong to names. */
static bool is_local(const struct config *config)
{
	const char *address = config->server.address;
	return !config->server.public_url
		&& (!strcmp(address, "127.0.0.1") || !strcmp(address, "::1")
			|| !strcmp(address, "0.0.0.0") || !strcmp(address, "::"));
}

void command_link(const struct config *config, int port, char *url_r, size_t size)
{
	if (is_local(config))
		snprintf(url_r, size, "http%s://localhost:%d",
			config->server.certificate ? "s" : "", port);
	else
		command_url(config, port, url_r, size);
}

static bool has_passkeys(const struct config *config)
{
	struct webauthn_site site;
	return webauthn_site(config, &site)
		&& (config->server.public_url || is_local(config));
}

void command_link_note(const struct command_options *options, const struct config *config,
	const char *url, FILE *to)
{
	const char *host = strstr(url, "://");
	char path[PATH_BYTES], name[NET_HOST_MAX + 1];
	bool here = host && (is_local(config) || (net_host(url, name) && net_this_machine(name)));

	if (!here && has_passkeys(config))
		return;
	command_config_path(options, path, sizeof path);
	if (here)
		fprintf(to,
			"It leads here from a browser on this machine alone. For all others say in\n"
			"%s what they call us by,\n"
			"  server.public_url: https://chat.example.org\n"
			"reload, and write that in the place of %s above.\n",
			path, url);
	else
		fprintf(to,
			"There are no passkeys at this address: they need https and a name. Say in\n"
			"%s what people call us by,\n"
			"  server.public_url: https://chat.example.org\n"
			"and reload.\n",
			path);
}
