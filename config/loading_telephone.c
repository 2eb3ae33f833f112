/* The sections `telephone` and `outbox` of onthaal.yaml: what their schema cannot say. */
#include "config/loading.h"

#include <stdio.h>
#include <string.h>

static bool one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

static bool url_good(const char *url, const char *const *schemes)
{
	for (; url && *schemes; schemes++)
		if (!strncmp(url, *schemes, strlen(*schemes)) && strlen(url) > strlen(*schemes))
			return !strpbrk(url, " \t\"<>");
	return false;
}

static bool word_good(const char *word)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	return *word && strspn(word, good) == strlen(word);
}

static void check_ari(const struct load *load, uint32_t i)
{
	static const char app[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	const struct config_line *line = &load->config->telephone.lines[i];
	char key[60];

	snprintf(key, sizeof key, "telephone.lines.%u", i);
	if (!line->api_url || !line->user || !line->password)
		loading_wrong(load, key, "ari needs api_url (http://asterisk:8088), user and password");
	snprintf(key, sizeof key, "telephone.lines.%u.endpoint", i);
	if (!line->endpoint || !strstr(line->endpoint, "{}") || strlen(line->endpoint) > 120)
		loading_wrong(load, key, "write what to dial, with {} for the number: PJSIP/{}@trunk");
	snprintf(key, sizeof key, "telephone.lines.%u.application", i);
	if (line->application
		&& (!*line->application || strlen(line->application) > 24
			|| strspn(line->application, app) != strlen(line->application)))
		loading_wrong(load, key, "at most 24 letters, digits, - and _");
}

static void check_line(const struct load *load, uint32_t i)
{
	static const char *const kinds[] = { "twilio", "jambonz", "httapi", "ari", NULL };
	static const char *const dialects[] = { "twilio", "signalwire", "somleng", NULL };
	static const char *const web[] = { "https://", "http://", NULL };
	const struct config_line *line = &load->config->telephone.lines[i];
	char key[60];

	snprintf(key, sizeof key, "telephone.lines.%u.name", i);
	if (strspn(line->name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(line->name)
		|| strlen(line->name) > 24 || !strcmp(line->name, "prompts"))
		loading_wrong(load, key, "at most 24 small letters, digits and hyphens, and not prompts");
	for (uint32_t before = 0; before < i; before++)
		if (!strcmp(load->config->telephone.lines[before].name, line->name))
			loading_wrong(load, key, "another line has this name");
	snprintf(key, sizeof key, "telephone.lines.%u.kind", i);
	if (!one_of(line->kind, kinds))
		loading_wrong(load, key, "write twilio, jambonz, httapi (FreeSWITCH) or ari (Asterisk)");
	snprintf(key, sizeof key, "telephone.lines.%u.dialect", i);
	if (line->dialect && !one_of(line->dialect, dialects))
		loading_wrong(load, key, "write twilio, signalwire or somleng");
	snprintf(key, sizeof key, "telephone.lines.%u.api_url", i);
	if (line->api_url && !url_good(line->api_url, web))
		loading_wrong(load, key, "begin with https:// (or http://)");
	snprintf(key, sizeof key, "telephone.lines.%u", i);
	if (!strcmp(line->kind, "ari"))
		check_ari(load, i);
	else if (!line->secrets_count)
		loading_wrong(load, key, "secrets is missing: without one anybody could pretend to call");
	if (!strcmp(line->kind, "twilio") && !line->account)
		loading_wrong(load, key, "twilio needs account (the AccountSid)");
	if (!strcmp(line->kind, "twilio") && line->dialect && strcmp(line->dialect, "twilio") != 0
		&& !line->api_url)
		loading_wrong(load, key, "api_url is missing: without it Twilio would be sent the password of "
				 "another");
	if (!strcmp(line->kind, "httapi") && line->account && !word_good(line->account))
		loading_wrong(load, key, "account of httapi is the gateway of FreeSWITCH: letters, digits and .-_");
	if (!strcmp(line->kind, "httapi") && line->application && !word_good(line->application))
		loading_wrong(load, key, "application of httapi is its profile: letters, digits and .-_");
	if (!strcmp(line->kind, "httapi") && line->api_url && !line->password)
		loading_wrong(load, key, "api_url of httapi (mod_xml_rpc) needs password");
	if (!strcmp(line->kind, "httapi") && line->user && strchr(line->user, ':'))
		loading_wrong(load, key, "user of httapi must not have a colon in it");
}

static void check_notice(const struct load *load, uint32_t i)
{
	static const char *const kinds[] = { "webhook", "ntfy", "mail", NULL };
	static const char *const web[] = { "https://", "http://", NULL };
	static const char *const mail[] = { "smtps://", "smtp://", NULL };
	const struct config_notice *notice = &load->config->outbox.notices[i];
	bool by_mail = !strcmp(notice->kind, "mail");
	char key[60];

	snprintf(key, sizeof key, "outbox.notices.%u.kind", i);
	if (!one_of(notice->kind, kinds))
		loading_wrong(load, key, "write webhook, ntfy or mail");
	snprintf(key, sizeof key, "outbox.notices.%u.url", i);
	if (!url_good(notice->url, by_mail ? mail : web))
		loading_wrong(load, key, by_mail ? "begin with smtps:// (or smtp://)" : "begin with https://");
	snprintf(key, sizeof key, "outbox.notices.%u", i);
	if (by_mail && (!notice->from || !notice->to))
		loading_wrong(load, key, "mail needs from and to");
	if (!strcmp(notice->kind, "webhook")
		&& (!notice->secret || strncmp(notice->secret, "whsec_", 6) != 0))
		loading_wrong(load, key, "a webhook needs secret: \"whsec_\" and at least 24 random bytes in Base64");
	if (notice->after_minutes > 240)
		loading_wrong(load, key, "after_minutes is at most 240");
}

static void check_callback_numbers(const struct load *load)
{
	const struct config *config = load->config;

	for (uint32_t i = 0; i < config->telephone.callback_numbers_count; i++) {
		const char *begin = config->telephone.callback_numbers[i];
		bool refuses = *begin == '-';
		size_t digits;

		begin += refuses;
		digits = *begin == '+' ? strlen(begin + 1) : 0;
		if (digits && digits <= 15 && strspn(begin + 1, "0123456789") == digits
			&& (i || !refuses))
			continue;
		loading_wrong(load, "telephone.callback_numbers",
			"write how a number may begin, \"+32\", or may not, \"-+3290\"; first the own "
			"country");
		return;
	}
}

void loading_telephone(const struct load *load)
{
	static const char *const web[] = { "https://", "http://", NULL };
	const struct config *config = load->config;
	const char *id = config->telephone.caller_id, *url = config->telephone.public_url;

	if (url && (!url_good(url, web) || strpbrk(url, "?#")))
		loading_wrong(load, "telephone.public_url",
			"write it as the platforms call it, from https:// on: https://phone.example.org");
	check_callback_numbers(load);
	if (id && strspn(id, "+0123456789") != strlen(id))
		loading_wrong(load, "telephone.caller_id", "write digits, as it is dialled from abroad: \"+32…\"");
	loading_flag(load, "telephone.voicemail");
	loading_flag(load, "telephone.platform_voice");
	loading_flag(load, "outbox.allow_private");
	if (config->telephone.lines_count > 6)
		loading_wrong(load, "telephone.lines", "at most 6 lines");
	for (uint32_t i = 0; i < config->telephone.lines_count; i++)
		check_line(load, i);
	if (config->outbox.notices_count > 8)
		loading_wrong(load, "outbox.notices", "at most 8 notices");
	for (uint32_t i = 0; i < config->outbox.notices_count; i++)
		check_notice(load, i);
}
