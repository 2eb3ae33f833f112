/* Makes prompts beside the daemon, which may start no programs itself once it is caged: a child from
 * before the cage and before the first thread, which runs `onthaal prompts make` each time it is
 * asked, and nothing else whatever it is told. It ends with the daemon. What it makes is written as
 * the data folder's owner, and nowhere but there: enclose sees to that. */
#ifndef IVR_MAKER_H
#define IVR_MAKER_H

#include "base/err.h"

#include <stdbool.h>

struct maker;

/* NULL: no process; prompts stay as they are (logged). enclose: called in the child, before anything else; it
 * ends unless that is OK. */
struct maker *maker_start(const char *config_path, const char *data_folder,
	enum err (*enclose)(const void *arg), const void *arg);
void maker_stop(struct maker **maker); /* what is under way is given up: the next start goes on */
void maker_ask(struct maker *maker); /* NULL: nothing. Asked while at work: once more afterwards */
bool maker_take(struct maker *maker, bool *good_r); /* true: a run ended */

#endif
