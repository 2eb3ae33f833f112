/* Makes prompts beside the daemon, which may start no programs itself once it is caged: a child from
 * before the cage and before the first thread, which runs `onthaal prompts make` each time it is
 * asked, and nothing else whatever it is told. It ends with the daemon. */
#ifndef IVR_MAKER_H
#define IVR_MAKER_H

#include <stdbool.h>

struct maker;

/* NULL: no process; prompts stay as they are (logged). */
struct maker *maker_start(const char *config_path, const char *data_folder);
void maker_stop(struct maker **maker); /* what is under way is given up: the next start goes on */
void maker_ask(struct maker *maker); /* NULL: nothing. Asked while at work: once more afterwards */
bool maker_take(struct maker *maker, bool *good_r); /* true: a run ended */

#endif
