/* Somebody asked, beside us, for a contact to be forgotten: forgotten wins over everything. */
#include "base/log.h"
#include "desk/private.h"

static void tell_all(struct desk *desk, uint64_t id)
{
	for (size_t i = 0; i < desk->port_count; i++) {
		struct port *port = &desk->ports[i];
		if (!port->id || !port->listener->on_forgotten)
			continue;
		ports_touch(desk, port);
		port->listener->on_forgotten(port->arg, id);
	}
}

/* Its rows are gone. */
static void drop(struct desk *desk, struct contact *contact)
{
	struct port *port = ports_find(desk, contact->port);

	if (port)
		port->contact = 0;
	tell_changed(desk, contact, true);
	apply_forget(desk, contact);
}

void desk_on_forget(void *arg, uint64_t id, bool open)
{
	struct desk *desk = arg;
	struct contact *contact = desk_contact(desk, id);
	bool here = contact && contact->state != CONTACT_CLOSED;

	if (open || here) { /* told again in a second */
		if (here)
			submit_system(desk, contact, COMMAND_CLOSE, "forgotten");
		return;
	}
	log_info("forgotten", "remembered=%s", contact ? "true" : "false");
	if (contact)
		drop(desk, contact);
	desk->forgotten[desk->forgotten_next++ % DESK_FORGOTTEN] = id;
	tell_all(desk, id);
	store_forgotten(desk->store, id);
}

void desk_each_forgotten(
	const struct desk *desk, void (*on_forgotten)(void *arg, uint64_t contact), void *arg)
{
	for (size_t i = 0; i < desk->forgotten_next && i < DESK_FORGOTTEN; i++)
		on_forgotten(arg, desk->forgotten[i]);
}
