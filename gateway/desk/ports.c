#include "base/mem.h"
#include "desk/private.h"

#include <stdlib.h>

void list_add(struct id_list *list, uint64_t id)
{
	if (list->length == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 32;
		list->ids = mem_grow(list->ids, list->capacity, sizeof *list->ids);
	}
	list->ids[list->length++] = id;
}

uint64_t ports_add(struct desk *desk, const struct desk_listener *listener, void *arg)
{
	uint64_t slot;

	if (desk->free_ports.length) {
		slot = desk->free_ports.ids[--desk->free_ports.length];
	} else {
		slot = desk->port_count++;
		desk->ports = mem_grow(desk->ports, desk->port_count, sizeof *desk->ports);
		desk->ports[slot] = (struct port) { 0 };
	}
	struct port *port = &desk->ports[slot];
	*port = (struct port) { .generation = port->generation + 1,
		.listener = listener,
		.arg = arg };
	port->id = (uint64_t)port->generation << 32 | (slot + 1);
	return port->id;
}

struct port *ports_find(const struct desk *desk, uint64_t id)
{
	size_t slot = (size_t)(id & UINT32_MAX) - 1;
	if (!id || slot >= desk->port_count || desk->ports[slot].id != id)
		return NULL;
	return &desk->ports[slot];
}

void ports_remove(struct desk *desk, uint64_t id)
{
	struct port *port = ports_find(desk, id);
	if (!port)
		return;
	port->id = 0;
	port->listener = NULL;
	port->arg = NULL;
	list_add(&desk->free_ports, (id & UINT32_MAX) - 1);
}

void ports_touch(struct desk *desk, struct port *port)
{
	if (!port->dirty) {
		port->dirty = true;
		list_add(&desk->dirty_ports, port->id);
	}
}

void ports_flush_one(struct desk *desk, uint64_t id)
{
	struct port *port = ports_find(desk, id);
	if (!port || !port->dirty)
		return;
	port->dirty = false;
	if (port->listener->on_flush)
		port->listener->on_flush(port->arg);
}

void ports_flush(struct desk *desk)
{
	for (size_t i = 0; i < desk->dirty_ports.length; i++)
		ports_flush_one(desk, desk->dirty_ports.ids[i]);
	desk->dirty_ports.length = 0;
}
