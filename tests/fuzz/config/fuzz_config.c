/* onthaal.yaml from anywhere: refused, every error with a line and what to do, or taken, and then every
 * number is within its bounds, every text there, and each list as long as it says. */
#include "config/schema.h"
#include "config/hours.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { INPUT_MAX = 8192 };

static const char name[] = "onthaal.yaml";

static void must(bool good)
{
	if (!good)
		abort();
}

/* "onthaal.yaml:12: what" */
static void told(const char *text)
{
	const char *at = text + sizeof name;
	char *end;

	must(!strncmp(text, name, sizeof name - 1) && at[-1] == ':');
	must(strtol(at, &end, 10) >= 1 && end > at && !strncmp(end, ": ", 2) && end[2]);
}

static void within(const struct config *config, const struct schema_number *row)
{
	const char *at = (const char *)config + row->offset;
	uint32_t value;
	uint16_t port;

	memcpy(&value, at, sizeof value);
	memcpy(&port, at, sizeof port);
	if (row->port)
		value = port;
	must(value >= row->low && value <= row->high);
}

static void lists(const struct config *config)
{
	bool days[7];
	size_t all = 0;

	for (uint32_t i = 0; i < config->centre.hours_count; i++)
		must(hours_days(config->centre.hours[i].days, days)
			&& hours_minutes(config->centre.hours[i].from) >= 0
			&& hours_minutes(config->centre.hours[i].to) >= 0);
	for (uint32_t i = 0; i < config->centre.helplines_count; i++)
		(void)config_helpline_shown(&config->centre.helplines[i], "nl");
	for (uint32_t i = 0; i < config->telephone.lines_count; i++)
		for (uint32_t k = 0; k < config->telephone.lines[i].secrets_count; k++)
			all += strlen(config->telephone.lines[i].secrets[k]);
	for (uint32_t i = 0; i < config->outbox.notices_count; i++)
		all += strlen(config->outbox.notices[i].kind) + strlen(config->outbox.notices[i].url);
	for (uint32_t i = 0; i < config->sip.trunks_count; i++)
		all += strlen(config->sip.trunks[i].domain) + strlen(config->sip.trunks[i].user);
	must(all <= INPUT_MAX * 100); /* all of it was read */
}

static void taken(const struct config *config)
{
	for (size_t i = 0; i < schema_numbers_count; i++)
		within(config, &schema_numbers[i]);
	for (size_t i = 0; i < schema_texts_count; i++) {
		const char *text;
		memcpy(&text, (const char *)config + schema_texts[i].offset, sizeof text);
		must(text != NULL);
	}
	must(!config->server.certificate == !config->server.key);
	must(config->desk.serious_minutes <= config->desk.elevated_minutes
		&& config->desk.elevated_minutes <= config->desk.none_minutes);
	must(hours_next_opening(config, INT64_C(1700000000000)) >= -1);
	(void)hours_open(config, INT64_C(1700000000000));
	lists(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL;

	if (length > INPUT_MAX)
		return 0;
	if (config_parse(name, (const char *)bytes, length, &config, &errors)) {
		must(!config && errors.count);
		for (uint32_t i = 0; i < errors.count; i++)
			told(errors.texts[i]);
	} else {
		must(config && !errors.count);
		taken(config);
	}
	config_destroy(&config);
	config_errors_finish(&errors);
	return 0;
}
