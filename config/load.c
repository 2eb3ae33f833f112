#include "base/mem.h"
#include "config/config.h"
#include "config/document.h"
#include "config/hours.h"
#include "config/loading.h"
#include "config/schema.h"
#include "config/sip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACE_BYTES = 200 };

/* What libcyaml tells, in its order: the problem, then the way from the key up to the root. */
struct telling {
	char problem[300], where[PLACE_BYTES];
	int line;
};

static void prepend(char where[PLACE_BYTES], const char *part)
{
	char whole[PLACE_BYTES];
	snprintf(whole, sizeof whole, "%s%s%s", part, *where ? "." : "", where);
	memcpy(where, whole, sizeof whole);
}

static void on_telling(cyaml_log_t level, void *arg, const char *format, va_list args)
{
	struct telling *telling = arg;
	char text[300], field[100];
	const char *last = NULL;
	int line;
	unsigned entry;

	(void)level;
	vsnprintf(text, sizeof text, format, args);
	text[strcspn(text, "\n")] = '\0';
	bool way = !strncmp(text, "  in ", 5); /* else it may quote what stands in the file */
	for (const char *at = way ? strstr(text, "(line: ") : NULL; at; at = strstr(at + 1, "(line: "))
		last = at;
	if (last && sscanf(last, "(line: %9d", &line) == 1 && !telling->line)
		telling->line = line;
	if (sscanf(text, " in mapping field '%99[^']'", field) == 1) {
		prepend(telling->where, field);
	} else if (sscanf(text, " in sequence entry '%u'", &entry) == 1) {
		snprintf(field, sizeof field, "%u", entry);
		prepend(telling->where, field);
	} else if (!*telling->problem && !way) {
		const char *from = !strncmp(text, "Load: ", 6) ? text + 6 : text;
		snprintf(telling->problem, sizeof telling->problem, "%s", from);
	}
}

static const char *advice(cyaml_err_t err)
{
	switch (err) {
	case CYAML_ERR_INVALID_KEY:
		return "there is no such key; the shipped onthaal.yaml names them all";
	case CYAML_ERR_INVALID_VALUE:
		return "the shipped onthaal.yaml says what can stand here";
	case CYAML_ERR_MAPPING_FIELD_MISSING:
		return "add it";
	case CYAML_ERR_STRING_LENGTH_MIN:
		return "give a text, or leave the key out";
	case CYAML_ERR_STRING_LENGTH_MAX:
		return "shorten it";
	case CYAML_ERR_UNEXPECTED_EVENT:
		return "write each key once, and indent with spaces";
	default:
		return "compare with the shipped onthaal.yaml";
	}
}

static bool read_schema(struct load *load, const char *bytes, size_t length)
{
	struct telling telling = { 0 };
	cyaml_config_t reading = schema_reading;
	cyaml_err_t err;

	reading.log_fn = on_telling;
	reading.log_ctx = &telling;
	err = cyaml_load_data((const uint8_t *)bytes, length, &reading, &schema_top,
		(cyaml_data_t **)&load->config, NULL);
	if (!err && !load->config) /* an empty file: every default */
		load->config = mem_alloc(sizeof *load->config);
	if (err)
		config_errors_add(load->errors, "%s:%d: %s%s%s: %s", load->path,
			telling.line ? telling.line : 1,
			telling.where, *telling.where ? ": " : "",
			*telling.problem ? telling.problem : cyaml_strerror(err), advice(err));
	return !err;
}

void loading_wrong(const struct load *load, const char *key, const char *what)
{
	int line = document_line_near(load->document, key);

	config_errors_add(load->errors, "%s:%d: %s: %s", load->path, line, key, what);
}

static void set_number(const struct load *load, const struct schema_number *row)
{
	char *at = (char *)load->config + row->offset;
	uint32_t value = row->port ? *(uint16_t *)(void *)at : *(uint32_t *)(void *)at;
	char what[120];

	if (!document_line(load->document, row->path))
		value = row->fallback;
	if (row->port)
		*(uint16_t *)(void *)at = (uint16_t)value;
	else
		*(uint32_t *)(void *)at = value;
	if (value >= row->low && value <= row->high)
		return;
	snprintf(what, sizeof what, "%u is not within %u to %u%s%s", value, row->low, row->high,
		*row->unit ? " " : "", row->unit);
	loading_wrong(load, row->path, what);
}

static void set_text(const struct load *load, const struct schema_text *row)
{
	char **at = (char **)(void *)((char *)load->config + row->offset);
	if (!*at)
		*at = mem_dup(row->fallback);
}

/* Relative to the folder of the configuration file. */
static void resolve(const struct load *load, char **path)
{
	const char *slash = strrchr(load->path, '/');
	char whole[4096];

	if (!*path || **path == '/' || !slash)
		return;
	snprintf(whole, sizeof whole, "%.*s/%s", (int)(slash - load->path), load->path, *path);
	free(*path);
	*path = mem_dup(whole);
}

static void check_hours(const struct load *load)
{
	char key[60];
	bool days[7];

	for (uint32_t i = 0; i < load->config->centre.hours_count; i++) {
		const struct config_hours *hours = &load->config->centre.hours[i];
		snprintf(key, sizeof key, "centre.hours.%u.days", i);
		if (!hours_days(hours->days, days))
			loading_wrong(load, key, "write mon-fri, or sat,sun, or daily");
		snprintf(key, sizeof key, "centre.hours.%u.from", i);
		if (hours_minutes(hours->from) < 0)
			loading_wrong(load, key, "write a time in quotes, \"18:00\"");
		snprintf(key, sizeof key, "centre.hours.%u.to", i);
		if (hours_minutes(hours->to) < 0)
			loading_wrong(load, key, "write a time in quotes, \"22:00\" or \"24:00\"");
	}
	if (!hours_zone(load->config->centre.timezone))
		loading_wrong(load, "centre.timezone", "there is no such zone; \"Europe/Brussels\" is one");
}

void loading_flag(const struct load *load, const char *key)
{
	const char *text = document_text(load->document, key);
	if (text && strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		loading_wrong(load, key, "write true or false");
}

bool config_helpline_shown(const struct config_helpline *line, const char *code)
{
	for (uint32_t i = 0; i < line->languages_count; i++)
		if (!strcmp(line->languages[i], code))
			return true;
	return line->emergency || !line->languages_count;
}

static void check_helplines(const struct load *load)
{
	char key[60];

	for (uint32_t i = 0; i < load->config->centre.helplines_count; i++) {
		const char *number = load->config->centre.helplines[i].number;
		snprintf(key, sizeof key, "centre.helplines.%u.number", i);
		if (strspn(number, "+0123456789 ") != strlen(number))
			loading_wrong(load, key, "write digits and spaces, as it is dialled");
		snprintf(key, sizeof key, "centre.helplines.%u.emergency", i);
		loading_flag(load, key);
	}
}

static void check_replies(const struct load *load)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	char key[60];

	for (uint32_t i = 0; i < load->config->desk.replies_count; i++) {
		const struct config_reply *reply = &load->config->desk.replies[i];
		snprintf(key, sizeof key, "desk.replies.%u.key", i);
		if (strspn(reply->key, good) != strlen(reply->key))
			loading_wrong(load, key, "use small letters, digits and hyphens alone");
		for (uint32_t before = 0; before < i; before++)
			if (!strcmp(load->config->desk.replies[before].key, reply->key)
				&& !strcmp(load->config->desk.replies[before].language,
					reply->language))
				loading_wrong(load, key, "another reply of this language has this key");
	}
}

static bool address_good(const char *text)
{
	unsigned char bytes[16];
	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* As a browser writes an Origin: the scheme, the host, perhaps a port, and nothing behind. */
static bool origin_good(const char *url)
{
	size_t scheme = !strncmp(url, "https://", 8) ? 8 : !strncmp(url, "http://", 7) ? 7 : 0;
	return scheme && url[scheme]
		&& !strpbrk(url + scheme, "/ \t\"<>?#@ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

/* http or https, an onion address of version 3 (56 letters, the last a "d"), perhaps a port. */
static bool onion_good(const char *url)
{
	const char *host = url + (!strncmp(url, "https://", 8) ? 8 : 7), *end = host + 56;

	if (!origin_good(url) || strspn(host, "abcdefghijklmnopqrstuvwxyz234567") != 56
		|| end[-1] != 'd' || strncmp(end, ".onion", 6) != 0)
		return false;
	end += 6;
	return !*end || (*end == ':' && end[1] && strspn(end + 1, "0123456789") == strlen(end + 1));
}

static void check_onion(const struct load *load)
{
	const struct config *config = load->config;

	if (config->server.onion && !onion_good(config->server.onion))
		loading_wrong(load, "server.onion",
			"write http:// or https://, the 56 letters and digits that Tor gave, .onion, and "
			"nothing behind it");
	if (config->server.onion_port && !config->server.onion)
		loading_wrong(load, "server.onion_port", "needs server.onion, the address that Tor gave");
	if (config->server.onion_port && config->server.onion_port == config->server.port)
		loading_wrong(load, "server.onion_port", "is server.port: Tor needs one of its own");
}

static void check_server(const struct load *load)
{
	const struct config *config = load->config;
	const char *url = config->server.public_url;
	static const char origin[] = "write https://host or https://host:port, in small letters, "
				     "and nothing behind it";
	char key[60];

	if (!config->server.certificate != !config->server.key)
		loading_wrong(load, config->server.key ? "server.key" : "server.certificate",
			"certificate and key belong together: give both or none");
	if (!address_good(config->server.address))
		loading_wrong(load, "server.address", "write an address of this machine, in digits");
	if (!address_good(config->server.metrics_address))
		loading_wrong(load, "server.metrics_address", "write an address of this machine, in digits");
	if (url && !origin_good(url))
		loading_wrong(load, "server.public_url", origin);
	for (uint32_t i = 0; i < config->server.origins_count; i++) {
		snprintf(key, sizeof key, "server.origins.%u", i);
		if (!origin_good(config->server.origins[i]))
			loading_wrong(load, key, origin);
	}
	if (config->desk.elevated_minutes < config->desk.serious_minutes)
		loading_wrong(load, "desk.elevated_minutes", "is shorter than desk.serious_minutes");
	if (config->desk.none_minutes < config->desk.elevated_minutes)
		loading_wrong(load, "desk.none_minutes", "is shorter than desk.elevated_minutes");
	loading_flag(load, "centre.first_names");
	check_onion(load);
}

static void complete(struct load *load)
{
	for (size_t i = 0; i < schema_numbers_count; i++)
		set_number(load, &schema_numbers[i]);
	for (size_t i = 0; i < schema_texts_count; i++)
		set_text(load, &schema_texts[i]);
	resolve(load, &load->config->data);
	resolve(load, &load->config->rules);
	resolve(load, &load->config->languages);
	resolve(load, &load->config->pages);
	resolve(load, &load->config->server.certificate);
	resolve(load, &load->config->server.key);
	resolve(load, &load->config->sip.certificate);
	resolve(load, &load->config->sip.key);
	for (uint32_t i = 0; i < load->config->sip.trunks_count; i++)
		resolve(load, &load->config->sip.trunks[i].ca);
	sip_check(load->path, load->document, load->config, load->errors);
	loading_flag(load, "sip.srtp_only");
	loading_flag(load, "cage");
	if (!document_line(load->document, "cage"))
		load->config->cage = true;
	resolve(load, &load->config->telephone.script);
	resolve(load, &load->config->telephone.prompts);
	check_server(load);
	loading_telephone(load);
	loading_oidc(load);
	check_hours(load);
	check_helplines(load);
	check_replies(load);
}

enum err config_parse(const char *name, const char *bytes, size_t length,
	struct config **config_r, struct config_errors *errors)
{
	struct load load = { .path = name, .errors = errors };
	enum err err = document_parse(name, bytes, length, &load.document, errors);
	uint32_t before = errors->count;

	if (err)
		return err;
	if (read_schema(&load, bytes, length))
		complete(&load);
	document_close(&load.document);
	if (errors->count > before) {
		config_destroy(&load.config);
		return ERR_INVALID;
	}
	*config_r = load.config;
	return OK;
}

enum err config_load(const char *path, struct config **config_r, struct config_errors *errors)
{
	size_t length;
	char *bytes;
	enum err err = document_read(path, &bytes, &length, errors);

	if (err)
		return err;
	err = config_parse(path, bytes, length, config_r, errors);
	explicit_bzero(bytes, length); /* secrets may stand in it */
	free(bytes);
	return err;
}

void config_destroy(struct config **config)
{
	if (!*config)
		return;
	cyaml_free(&schema_reading, &schema_top, *config, 0);
	*config = NULL;
}
