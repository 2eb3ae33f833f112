#include "base/err.h"

static const char *const words[ERR_COUNT] = { "ok", "invalid", "too_long", "not_found", "exists",
	"denied", "stale", "fenced", "full", "busy", "limit", "io", "corrupt", "blocked" };

const char *err_word(enum err err)
{
	return err < ERR_COUNT ? words[err] : "unknown";
}
