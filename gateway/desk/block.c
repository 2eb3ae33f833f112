/* Whom a counsellor blocked, for a while: by the conversation, and by the network, as numbers that mean
 * nothing afterwards. */
#include "base/clock.h"
#include "desk/private.h"

static int64_t left_of(const struct block *block)
{
	return block->until_mono ? block->until_mono - clock_mono() : 0;
}

void block_add(struct desk *desk, const struct contact *contact)
{
	struct block *place = &desk->blocks[0];

	for (size_t i = 0; i < DESK_BLOCKS; i++)
		if (left_of(&desk->blocks[i]) < left_of(place))
			place = &desk->blocks[i];
	*place = (struct block) { .contact = contact->id,
		.network = contact->network,
		.until_mono = clock_mono() + desk->config->desk.block_minutes * INT64_C(60000) };
}

void desk_visitor_network(struct desk *desk, uint64_t id, uint64_t network)
{
	struct port *port = ports_find(desk, id);
	struct contact *contact = port ? desk_contact(desk, port->contact) : NULL;

	if (!port)
		return;
	port->network = network;
	if (contact && contact->state != CONTACT_CLOSED)
		contact->network = network;
}

int desk_blocked(const struct desk *desk, uint64_t id, uint64_t contact)
{
	const struct port *port = ports_find(desk, id);
	uint64_t network = port ? port->network : 0;
	int64_t longest = 0;

	for (size_t i = 0; i < DESK_BLOCKS; i++) {
		const struct block *block = &desk->blocks[i];
		bool meant = (contact && block->contact == contact)
			|| (network && block->network == network);
		if (meant && left_of(block) > longest)
			longest = left_of(block);
	}
	return (int)((longest + 999) / 1000);
}
