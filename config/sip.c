#include "config/sip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

struct check {
	const char *path;
	const struct document *document;
	struct config_errors *errors;
};

static void wrong(const struct check *check, const char *key, const char *what)
{
	config_errors_add(check->errors, "%s:%d: %s: %s", check->path,
		document_line_near(check->document, key), key, what);
}

static bool plain_name(const char *name)
{
	static const char good[]
		= "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_+";
	return *name && strlen(name) <= SIP_NAME_MAX && strspn(name, good) == strlen(name);
}

static bool address_good(const char *text)
{
	unsigned char bytes[16];
	static const unsigned char any[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		return memcmp(bytes, any, 4) != 0;
	return inet_pton(AF_INET6, text, bytes) == 1 && memcmp(bytes, any, 16) != 0;
}

static void check_users(const struct check *check, const char *list,
	const struct config_sip_user *users, uint32_t count)
{
	char key[60];

	for (uint32_t i = 0; i < count; i++) {
		snprintf(key, sizeof key, "%s.%u.name", list, i);
		if (!plain_name(users[i].name))
			wrong(check, key, "use up to 40 letters, digits and .-_ alone");
		for (uint32_t n = 0; n < i; n++)
			if (strcmp(users[i].name, users[n].name) == 0)
				wrong(check, key, "stands there twice");
		snprintf(key, sizeof key, "%s.%u.password", list, i);
		if (strlen(users[i].password) < SIP_PASSWORD_MIN)
			wrong(check, key, "give at least 8 characters: it is guessed at from outside");
	}
}

static bool transport_good(const char *text)
{
	return !text || strcmp(text, "tls") == 0 || strcmp(text, "tcp") == 0
		|| strcmp(text, "udp") == 0;
}

static void check_trunk(const struct check *check, uint32_t i, const struct config_sip_trunk *trunk)
{
	char key[60];

	snprintf(key, sizeof key, "sip.trunks.%u.name", i);
	if (!plain_name(trunk->name))
		wrong(check, key, "use up to 40 letters, digits and .-_ alone");
	snprintf(key, sizeof key, "sip.trunks.%u.user", i);
	if (!plain_name(trunk->user))
		wrong(check, key, "use up to 40 letters, digits and .-_+ alone");
	snprintf(key, sizeof key, "sip.trunks.%u.transport", i);
	if (!transport_good(trunk->transport))
		wrong(check, key, "write tls, tcp or udp");
	snprintf(key, sizeof key, "sip.trunks.%u.expires", i);
	if (document_line(check->document, key) && (trunk->expires < 60 || trunk->expires > 86400))
		wrong(check, key, "is not within 60 to 86400 seconds");
	snprintf(key, sizeof key, "sip.trunks.%u.domain", i);
	if (strpbrk(trunk->domain, " :/@;<>") || strlen(trunk->domain) > 100)
		wrong(check, key, "write the name alone, as in sip.example.org");
	for (uint32_t n = 0; n < trunk->servers_count; n++) {
		snprintf(key, sizeof key, "sip.trunks.%u.servers.%u", i, n);
		if (strpbrk(trunk->servers[n], " /@;<>") || strlen(trunk->servers[n]) > 100)
			wrong(check, key, "write host or host:port");
	}
}

void sip_check(const char *path, const struct document *document, const struct config *config,
	struct config_errors *errors)
{
	struct check check = { .path = path, .document = document, .errors = errors };
	const char *address = config->sip.address, *shown = config->sip.public_address;

	if (address && !address_good(address))
		wrong(&check, "sip.address",
			"write one address of this machine, in digits; not 0.0.0.0 or ::");
	if (shown && !address_good(shown))
		wrong(&check, "sip.public_address", "write an address in digits");
	if (!config->sip.certificate != !config->sip.key)
		wrong(&check, config->sip.key ? "sip.key" : "sip.certificate",
			"certificate and key belong together: give both or none");
	if (config->sip.rtp_from < 1024)
		wrong(&check, "sip.rtp_from", "is below 1024: those ports are not ours");
	if (config->sip.rtp_to < config->sip.rtp_from + 4 * config->sip.calls)
		wrong(&check, "sip.rtp_to",
			"leave four ports for each of sip.calls above sip.rtp_from");
	if (!plain_name(config->sip.user))
		wrong(&check, "sip.user", "use up to 40 letters, digits and .-_ alone");
	if (config->sip.trunks_count > SIP_TRUNKS_MAX)
		wrong(&check, "sip.trunks", "at most 8");
	check_users(&check, "sip.users", config->sip.users, config->sip.users_count);
	check_users(&check, "sip.staff", config->sip.staff, config->sip.staff_count);
	for (uint32_t i = 0; i < config->sip.trunks_count; i++)
		check_trunk(&check, i, &config->sip.trunks[i]);
}
