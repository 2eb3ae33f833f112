/* The daemon: every room. Shared by the files that serve and renew it. */
#ifndef COMMAND_DAEMON_H
#define COMMAND_DAEMON_H

#include "command/caged.h"
#include "command/command.h"
#include "command/demo.h"
#include "command/reload.h"
#include "config/languages.h"
#include "console/console.h"
#include "figures/figures.h"
#include "ivr/sip/phone.h"
#include "ivr/telephone.h"
#include "notices/notices.h"
#include "oidc/oidc.h"
#include "outbox/outbox.h"
#include "pages/pages.h"
#include "webchat/webchat.h"

struct daemon {
	struct command_options options;
	struct cage_plan cage;
	struct maker *maker; /* of prompts */
	struct config *config;
	struct languages *languages;
	struct triage *rules;
	struct desk *desk;
	struct outbox *outbox;
	struct telephone *telephone;
	struct phone *phone; /* by SIP; NULL: off */
	struct notices *notices;
	struct webchat *webchat;
	struct console *console;
	struct oidc *oidc;
	struct pages *pages;
	char style[PAGES_PATH]; /* of the page without script */
	struct figures_source figures;
	struct server *server;
	struct demo *demo;
	struct reload *reload;
	struct config *next_config; /* while the rules are tried */
	struct languages *next_languages;
	bool reload_again; /* asked for meanwhile */
	int64_t drain_until; /* monotonic; 0: serving */
};

/* renew.c: what is read from files, at the start and anew while it runs. */
const char *renew_path(const struct daemon *daemon, char path[4096]); /* of the configuration */
must_check enum err renew_load(struct daemon *daemon, struct config **config_r,
	struct languages **languages_r, struct config_errors *errors);
must_check enum err renew_rules(struct daemon *daemon, struct config_errors *errors);
bool renew_staff(struct daemon *daemon); /* their names and telephones; false: said in the log */
/* arg: the daemon. Configuration and texts are read; the rules are tried on a thread, and
 * renew_finish, to be called when something woke the loop, takes all over or refuses all. ERR_BUSY:
 * one is under way. */
must_check enum err renew_begin(void *arg);
void renew_finish(struct daemon *daemon);

#endif
