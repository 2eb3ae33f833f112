#include "command/reload.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct reload {
	void (*on_done)(void *arg);
	void *arg;
	pthread_t thread;
	bool running; /* until it is taken */
	atomic_bool done;
	char *folder;
	struct triage *rules;
	struct config_errors errors;
};

struct reload *reload_create(void (*on_done)(void *arg), void *arg)
{
	struct reload *reload = mem_alloc(sizeof *reload);
	reload->on_done = on_done;
	reload->arg = arg;
	return reload;
}

static void *work(void *arg)
{
	struct reload *reload = arg;

	if (!triage_load(reload->folder, &reload->rules, &reload->errors)
		&& triage_validate(reload->rules, reload->folder, &reload->errors))
		triage_destroy(&reload->rules);
	atomic_store(&reload->done, true);
	reload->on_done(reload->arg);
	return NULL;
}

enum err reload_start(struct reload *reload, const char *folder)
{
	if (reload->running)
		return ERR_BUSY;
	free(reload->folder);
	reload->folder = mem_dup(folder);
	atomic_store(&reload->done, false);
	if (pthread_create(&reload->thread, NULL, work, reload))
		return ERR_BUSY;
	reload->running = true;
	return OK;
}

bool reload_take(struct reload *reload, struct triage **rules_r, struct config_errors *errors_r)
{
	if (!reload->running || !atomic_load(&reload->done))
		return false;
	pthread_join(reload->thread, NULL);
	reload->running = false;
	*rules_r = reload->rules;
	*errors_r = reload->errors;
	reload->rules = NULL;
	reload->errors = (struct config_errors) { 0 };
	return true;
}

void reload_destroy(struct reload **reload)
{
	struct reload *r = *reload;

	if (!r)
		return;
	if (r->running)
		pthread_join(r->thread, NULL);
	triage_destroy(&r->rules);
	config_errors_finish(&r->errors);
	free(r->folder);
	free(r);
	*reload = NULL;
}
