#include "command/caged.h"
#include "base/log.h"

#include <stdlib.h>

enum { LOW_PORTS = 1024 };

static void add(struct cage_plan *plan, const char *path)
{
	if (path && plan->read_count < CAGE_PATHS_MAX)
		plan->read[plan->read_count++] = path;
}

static bool low(uint16_t port)
{
	return port && port < LOW_PORTS;
}

static struct cage_plan plan_of(const struct config *config, const char *path)
{
	const char *const paths[] = { path, ONTHAAL_SHARE, config->rules, config->languages,
		config->pages, config->telephone.script, config->telephone.prompts,
		config->server.certificate, config->server.key, config->sip.certificate,
		config->sip.key };
	struct cage_plan plan = { .data = config->data };

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		add(&plan, paths[i]);
	add(&plan, getenv("CREDENTIALS_DIRECTORY")); /* the server's key, store/seal.h */
	for (uint32_t i = 0; i < config->sip.trunks_count; i++)
		add(&plan, config->sip.trunks[i].ca);
	plan.low_ports = low(config->server.port) || low(config->server.metrics_port)
		|| (config->sip.address && (low(config->sip.port) || low(config->sip.tls_port)));
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	plan.sanitizer = true;
#endif
	return plan;
}

enum err caged_begin(const struct config *config, const char *path, struct cage_plan *plan_r,
	char *error, size_t error_size)
{
	*plan_r = plan_of(config, path);
	return config->cage ? cage_walls(plan_r, error, error_size) : OK;
}

enum err caged_helper(const struct config *config, const char *path)
{
	struct cage_plan plan = plan_of(config, path);
	char error[512];

	plan.helper = "prompts";
	if (!config->cage || !cage_walls(&plan, error, sizeof error))
		return OK;
	log_error("prompts are not made", "why=\"%s\"", error);
	return ERR_IO;
}

void caged_end(const struct config *config, const struct cage_plan *plan)
{
	if (config->cage)
		cage_close(plan);
	else
		log_warn("THERE IS NO CAGE", "why=\"cage: false in the configuration\" "
			"advice=\"take it out: whoever breaks in can do what this user can\"");
}

enum err caged_check(const struct config *config, const char *path, struct config_errors *errors)
{
	struct cage_plan plan = plan_of(config, path);
	uint32_t before = errors->count;

	for (size_t i = 0; i < plan.read_count; i++)
		if (cage_outside(plan.read[i]))
			config_errors_add(errors, "%s: is outside the cage, which was closed without it: "
				"restart to take it over", plan.read[i]);
	return errors->count > before ? ERR_DENIED : OK;
}
