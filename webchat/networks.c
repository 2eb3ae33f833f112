#include "webchat/networks.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <uthash.h>

struct network {
	uint64_t number;
	uint32_t lines;
	UT_hash_handle hh;
};

struct networks {
	struct network *all;
};

struct networks *networks_create(void)
{
	return mem_alloc(sizeof(struct networks));
}

void networks_destroy(struct networks **networks)
{
	struct network *each, *next;

	if (!*networks)
		return;
	HASH_ITER(hh, (*networks)->all, each, next) {
		HASH_DEL((*networks)->all, each);
		free(each);
	}
	free(*networks);
	*networks = NULL;
}

static struct network *find(const struct networks *networks, uint64_t number)
{
	struct network *found = NULL;

	if (number)
		HASH_FIND(hh, networks->all, &number, sizeof number, found);
	return found;
}

void networks_enter(struct networks *networks, uint64_t number)
{
	struct network *network = find(networks, number);

	if (!number)
		return;
	if (!network) {
		network = mem_alloc(sizeof *network);
		network->number = number;
		HASH_ADD(hh, networks->all, number, sizeof number, network);
	}
	network->lines++;
}

void networks_leave(struct networks *networks, uint64_t number)
{
	struct network *network = find(networks, number);

	if (!number)
		return;
	assert(network);
	if (--network->lines)
		return;
	HASH_DEL(networks->all, network);
	free(network);
}

uint32_t networks_count(const struct networks *networks, uint64_t number)
{
	const struct network *network = find(networks, number);
	return network ? network->lines : 0;
}
