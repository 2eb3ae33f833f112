/* The visitor's frames, written. Each function appends one whole JSON object to an empty buffer. */
#ifndef WEBCHAT_FRAMES_H
#define WEBCHAT_FRAMES_H

#include "base/json.h"
#include "desk/desk.h"

enum { FRAMES_FULL_RETRY = 30, FRAMES_FAST_RETRY = 5 }; /* seconds */

void frames_welcome(struct json_out *out, const struct desk *desk, const struct config *config,
	int beat, const struct contact *resumed);
void frames_started(struct json_out *out, const struct desk_reply *reply);
void frames_stored(struct json_out *out, const char *id, uint32_t n);
void frames_place(struct json_out *out, const struct desk_wait *wait);
void frames_switch(struct json_out *out, const char *t, bool on); /* typing, trouble */
void frames_number(struct json_out *out, const char *t, const char *key, int64_t number);
void frames_word(struct json_out *out, const char *t, const char *key, const char *word);
void frames_work(struct json_out *out, const char *id, const char *text, int bits);
void frames_error(struct json_out *out, const char *code, const char *id, int retry);

/* One element of the list of an events frame. */
void frames_event(struct json_out *out, const struct desk *desk, const struct config *config,
	const struct contact *contact, const struct contact_event *event);

#endif
