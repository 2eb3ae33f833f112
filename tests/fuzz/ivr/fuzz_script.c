/* ivr.yaml from anywhere: refused with a line, or walked through without an end or a hole. */
#include "ivr/script.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const char name[] = "ivr.yaml";

/* "ivr.yaml:12: what" */
static void told(const char *text)
{
	const char *at = text + sizeof name;
	char *end;

	if (strncmp(text, name, sizeof name - 1) != 0 || at[-1] != ':' || strtol(at, &end, 10) < 1
		|| end == at || strncmp(end, ": ", 2) != 0 || !end[2])
		abort();
}

static void walk(const struct script *script, const uint8_t *bytes, size_t length)
{
	static const char *const keys[] = { "", "1", "9", "*", "#", "0", "12345678", "5" };
	struct script_state state = { 0 };
	struct script_world world = { .open = true, .poll = 20 };
	static struct ivr_turn turn;

	script_advance(script, &state, SCRIPT_START, "", &world, &turn);
	for (size_t i = 0; i < length && i < 200; i++) {
		world.open = bytes[i] & 8;
		world.voicemail = bytes[i] & 16;
		world.callbacks = bytes[i] & 32;
		world.degraded = bytes[i] & 64;
		world.place = bytes[i];
		world.tell_place = bytes[i] & 128;
		script_advance(script, &state, (enum script_input)(bytes[i] % 5), keys[bytes[i] & 7],
			&world, &turn);
		if (!turn.count || turn.count > IVR_STEPS_MAX)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct config_errors errors = { 0 };
	struct script *script = NULL;

	if (length > 16384)
		return 0;
	if (!script_parse(name, (const char *)bytes, length, &script, &errors))
		walk(script, bytes, length);
	else if (!errors.count)
		abort(); /* refused without a word */
	for (uint32_t i = 0; i < errors.count; i++)
		told(errors.texts[i]);
	script_destroy(&script);
	config_errors_finish(&errors);
	return 0;
}
