/* Rules are read, compiled and tried on a thread of their own: hundreds of rules and thousands of
 * messages take longer than the loop may stand still. One at a time. */
#ifndef COMMAND_RELOAD_H
#define COMMAND_RELOAD_H

#include "triage/triage.h"

struct reload;

/* on_done: in the thread, when reload_take has something. */
struct reload *reload_create(void (*on_done)(void *arg), void *arg);
void reload_destroy(struct reload **reload); /* waits for what is under way */
must_check enum err reload_start(struct reload *reload, const char *folder); /* ERR_BUSY */
/* true: it ended; with a set, or with what is wrong. Both go to the caller. */
bool reload_take(struct reload *reload, struct triage **rules_r, struct config_errors *errors_r);

#endif
