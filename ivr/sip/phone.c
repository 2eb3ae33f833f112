#include "ivr/sip/phone.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/sip/clip.h"
#include "ivr/sip/endpoint.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static_assert(PHONE_SPARE_MS > ENDPOINT_LEAVING_SECONDS * 1000, "the last word is heard");

struct phone {
	struct telephone *telephone;
	struct endpoint *endpoint;
	uint32_t sounds; /* as taken */
};

struct loading {
	const struct prompts *prompts;
	struct clips *clips;
	size_t missing;
};

static void load_prompt(void *arg, const struct ivr_prompt *prompt, enum prompt_source source,
	const char *text, const char *fault)
{
	struct loading *loading = arg;
	const char *file = prompts_file(loading->prompts, prompt);
	char error[400];
	(void)source;
	(void)text;
	(void)fault;

	if (!file)
		loading->missing++;
	else if (clips_add(loading->clips, prompt, file, error, sizeof error))
		log_error("a prompt is not played", "why=\"%s\"", error);
}

static struct clips *load_clips(struct telephone *telephone)
{
	struct loading loading = { .prompts = telephone_prompts(telephone), .clips = clips_create() };

	prompts_each(loading.prompts, load_prompt, &loading);
	if (loading.missing)
		log_warn("prompts without a sound: callers hear nothing in their place",
			"missing=%zu loaded=%zu", loading.missing, clips_count(loading.clips));
	return loading.clips;
}

enum err phone_create(const struct config *config, struct telephone *telephone,
	void (*wake)(void *arg), void *arg, struct phone **phone_r, char *error, size_t size)
{
	struct endpoint_hooks hooks = { .wake = wake, .arg = arg };
	struct phone *phone;
	enum err err;

	*phone_r = NULL;
	if (!config->sip.address)
		return OK;
	phone = mem_alloc(sizeof *phone);
	phone->telephone = telephone;
	phone->sounds = telephone_sounds(telephone);
	err = endpoint_create(config, telephone_ivr(telephone), load_clips(telephone), &hooks,
		&phone->endpoint, error, size);
	if (err)
		free(phone);
	else
		*phone_r = phone;
	return err;
}

void phone_destroy(struct phone **phone)
{
	if (!*phone)
		return;
	endpoint_destroy(&(*phone)->endpoint);
	free(*phone);
	*phone = NULL;
}

void phone_pump(struct phone *phone)
{
	if (phone)
		endpoint_pump(phone->endpoint);
}

void phone_second(struct phone *phone)
{
	if (!phone)
		return;
	if (phone->sounds != telephone_sounds(phone->telephone)) {
		phone->sounds = telephone_sounds(phone->telephone);
		endpoint_clips(phone->endpoint, load_clips(phone->telephone));
	}
	endpoint_second(phone->endpoint);
}

void phone_configure(struct phone *phone, const struct config *config)
{
	char error[400];

	if (!phone != !config->sip.address)
		log_warn("a changed key needs a restart", "keys=sip.address");
	if (phone && config->sip.address
		&& endpoint_configure(phone->endpoint, config, error, sizeof error))
		log_error("who may call stays as it was", "why=\"%s\"", error);
}

void phone_drain(struct phone *phone)
{
	if (phone)
		endpoint_drain(phone->endpoint);
}

size_t phone_calls(const struct phone *phone)
{
	return phone ? endpoint_calls(phone->endpoint) : 0;
}

void phone_announce(const struct phone *phone, const struct config *config)
{
	const char *form = config->sip.address && strchr(config->sip.address, ':')
		? "  %s       sip:%s@[%s]:%d%s\n"
		: "  %s       sip:%s@%s:%d%s\n";

	if (!phone)
		return;
	printf(form, "telephone", config->sip.user, config->sip.address,
		endpoint_port(phone->endpoint), "");
	if (endpoint_tls_port(phone->endpoint))
		printf(form, "         ", config->sip.user, config->sip.address,
			endpoint_tls_port(phone->endpoint), ";transport=tls");
}

size_t phone_figures(void *arg, char *text, size_t size)
{
	const struct phone *phone = arg;
	return phone ? endpoint_figures(phone->endpoint, text, size) : 0;
}
