/* What stands in the address of the frame of the page without script: the visitor's secret and a moment,
 * sealed by a key of the data folder (XChaCha20-Poly1305), each time anew. It is good for some minutes,
 * and to look with alone. Whoever finds it later in somebody's log has nothing. */
#ifndef WEBCHAT_TICKET_H
#define WEBCHAT_TICKET_H

#include "desk/desk.h"

enum { TICKET_KEY = 32, TICKET_TEXT = 108, /* with its end */
	TICKET_SECONDS = 600 };

/* secret: as the page has it, DESK_SECRET_SIZE - 1 characters. */
must_check enum err ticket_make(const uint8_t key[TICKET_KEY], const char *secret, int64_t wall,
	char text_r[TICKET_TEXT]);
/* ERR_INVALID: not one of ours; ERR_STALE: too old. */
must_check enum err ticket_read(const uint8_t key[TICKET_KEY], const char *text, size_t length,
	int64_t wall, char secret_r[DESK_SECRET_SIZE]);

#endif
