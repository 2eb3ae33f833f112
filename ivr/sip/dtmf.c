#include "ivr/sip/dtmf.h"

#include <string.h>
#include <strings.h>

static const char keys[] = "0123456789*#ABCD";

char dtmf_event(struct dtmf *dtmf, const uint8_t *payload, size_t length, uint32_t timestamp,
	bool marker, int64_t now)
{
	bool ended, fresh;

	if (length < 4 || payload[0] >= sizeof keys - 1)
		return 0;
	ended = payload[1] & 0x80;
	fresh = !dtmf->heard || timestamp != dtmf->timestamp
		|| (marker && (dtmf->ended || now - dtmf->last >= DTMF_PAUSE_MS)
			&& now - dtmf->last >= DTMF_PAUSE_MS / 2);
	/* An overtaken packet of the press before: its timestamp lies behind. */
	if (fresh && dtmf->heard && (int32_t)(timestamp - dtmf->timestamp) < 0
		&& now - dtmf->last < DTMF_PAUSE_MS)
		return 0;
	dtmf->last = now;
	if (!fresh) {
		dtmf->ended = dtmf->ended || ended;
		return 0;
	}
	dtmf->heard = true;
	dtmf->ended = ended;
	dtmf->timestamp = timestamp;
	return keys[payload[0]];
}

static char key_of(const char *text, size_t length)
{
	int number = 0;

	while (length && (*text == ' ' || *text == '\t')) {
		text++;
		length--;
	}
	while (length && strchr(" \t\r\n", text[length - 1]))
		length--;
	if (length == 1 && *text && strchr(keys, *text))
		return *text;
	if (length != 2)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		number = number * 10 + text[i] - '0';
	}
	return number >= 10 && number < (int)sizeof keys - 1 ? keys[number] : 0; /* 10: star, 11: hash */
}

char dtmf_info(const char *subtype, const char *body, size_t length)
{
	static const char name[] = "Signal";
	const char *end = body + length;

	if (length > DTMF_INFO_MAX)
		return 0;
	if (strcasecmp(subtype, "dtmf") == 0)
		return key_of(body, length);
	if (strcasecmp(subtype, "dtmf-relay") != 0)
		return 0;
	while (body < end) {
		const char *line = memchr(body, '\n', (size_t)(end - body));
		const char *stop = line ? line : end;
		const char *equals = memchr(body, '=', (size_t)(stop - body));

		if (equals && (size_t)(stop - body) > sizeof name
			&& strncasecmp(body, name, sizeof name - 1) == 0)
			return key_of(equals + 1, (size_t)(stop - equals - 1));
		body = line ? line + 1 : end;
	}
	return 0;
}
