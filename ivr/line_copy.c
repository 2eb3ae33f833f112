#include "ivr/line_copy.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static char **copy_list(char *const *from, uint32_t count)
{
	char **copy = mem_array(count, sizeof *copy);
	for (uint32_t i = 0; i < count; i++)
		copy[i] = mem_dup(from[i]);
	return copy;
}

struct config_line line_copy_make(const struct config_line *from)
{
	struct config_line copy = *from;

	copy.name = mem_dup(from->name);
	copy.kind = mem_dup(from->kind);
	copy.dialect = mem_dup(from->dialect);
	copy.account = mem_dup(from->account);
	copy.user = mem_dup(from->user);
	copy.password = mem_dup(from->password);
	copy.api_url = mem_dup(from->api_url);
	for (size_t n = copy.api_url ? strlen(copy.api_url) : 0; n && copy.api_url[n - 1] == '/'; n--)
		copy.api_url[n - 1] = '\0';
	copy.application = mem_dup(from->application);
	copy.endpoint = mem_dup(from->endpoint);
	copy.secrets = copy_list(from->secrets, from->secrets_count);
	return copy;
}

static void free_list(char **list, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

void line_copy_free(struct config_line *line)
{
	free(line->name);
	free(line->kind);
	free(line->dialect);
	free(line->account);
	free(line->user);
	free(line->password);
	free(line->api_url);
	free(line->application);
	free(line->endpoint);
	free_list(line->secrets, line->secrets_count);
}
