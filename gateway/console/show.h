/* The counsellor's frames, written. */
#ifndef CONSOLE_SHOW_H
#define CONSOLE_SHOW_H

#include "base/json.h"
#include "desk/desk.h"
#include "store/staff.h"

enum { SHOW_FLAGS = 8, /* newest first */
	SHOW_WORDS_BYTES = 80 }; /* of the visitor's own, shown with a flag */

const char *show_duty_word(enum duty duty);
const char *show_role_word(enum staff_role role);

void show_me(struct json_out *out, const struct staff *me);
void show_colleagues(struct json_out *out, const char *key, const struct desk *desk);
void show_desk(struct json_out *out, const struct desk *desk, const struct config *config,
	const struct staff *me, int beat, bool demo);
/* As the counsellor `reader` may see it: without the visitor's words while a colleague has it. */
void show_card(struct json_out *out, const char *key, const struct desk *desk,
	const struct contact *contact, uint32_t reader);
/* with_contact: as an element of an events frame, which names the contact of each. */
void show_event(struct json_out *out, const struct desk *desk, const struct contact *contact,
	const struct contact_event *event, bool with_contact);
/* Only for who has it, or looks at a waiting one. */
void show_contact(struct json_out *out, const struct desk *desk, const struct contact *contact,
	uint32_t reader);

/* UTF-16 units in the first `bytes` of a UTF-8 text: offsets as the page counts them. */
uint32_t show_utf16(const char *text, uint32_t bytes);

#endif
