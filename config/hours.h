/* Opening hours of the chat, in the centre's time zone. Times are wall milliseconds (UTC). */
#ifndef CONFIG_HOURS_H
#define CONFIG_HOURS_H

#include "config/config.h"

/* True when no hours are configured: always open. */
bool hours_open(const struct config *config, int64_t wall);
/* The next moment at which it opens; -1 when it is open or never opens. */
int64_t hours_next_opening(const struct config *config, int64_t wall);

int hours_minute(const struct config *config, int64_t wall); /* of the local day */

/* The forms, for the loader: days "mon-fri", "sat,sun", "daily" (index 0 is Monday); "HH:MM" in
 * minutes, up to "24:00", else -1; a zone of the IANA database. from >= to goes through midnight. */
bool hours_days(const char *days, bool on_r[7]);
int hours_minutes(const char *time);
bool hours_zone(const char *zone);

#endif
