#include "base/mem.h"
#include "config/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void config_errors_add(struct config_errors *errors, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	errors->texts = mem_grow(errors->texts, errors->count + 1, sizeof *errors->texts);
	errors->texts[errors->count++] = mem_dup(text);
}

void config_errors_finish(struct config_errors *errors)
{
	for (uint32_t i = 0; i < errors->count; i++)
		free(errors->texts[i]);
	free(errors->texts);
	*errors = (struct config_errors) { 0 };
}
