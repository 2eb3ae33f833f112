#include "base/clock.h"
#include "base/mem.h"
#include "desk/private.h"

#include <stdio.h>
#include <string.h>

struct counsellor *counsellor_get(struct desk *desk, uint32_t staff)
{
	struct counsellor *found = NULL;
	HASH_FIND(hh, desk->counsellors, &staff, sizeof staff, found);
	if (!found) {
		found = mem_alloc(sizeof *found);
		found->id = staff;
		found->role = ROLE_COUNSELLOR;
		found->heard_mono = found->attended_mono = clock_mono();
		HASH_ADD(hh, desk->counsellors, id, sizeof found->id, found);
	}
	return found;
}

const struct counsellor *desk_counsellor(const struct desk *desk, uint32_t staff)
{
	struct counsellor *found = NULL;
	HASH_FIND(hh, desk->counsellors, &staff, sizeof staff, found);
	return found;
}

const char *desk_staff_name(const struct desk *desk, uint32_t staff)
{
	const struct counsellor *found = desk_counsellor(desk, staff);
	return found ? found->display : "";
}

void desk_staff_learn(struct desk *desk, uint32_t staff, const char *display)
{
	struct counsellor *counsellor = counsellor_get(desk, staff);
	snprintf(counsellor->display, sizeof counsellor->display, "%s", display);
}

void desk_staff_role(struct desk *desk, uint32_t staff, enum staff_role role)
{
	struct counsellor *counsellor = counsellor_get(desk, staff);

	counsellor->role = role;
	if (rights_may(role, RIGHT_TALK))
		return;
	counsellor_return_all(desk, staff, "counsellor"); /* who is not on duty has some, too */
	if (counsellor->duty != DUTY_OFF)
		desk_counsellor_duty(desk, staff, DUTY_OFF);
}

void desk_staff_telephone(struct desk *desk, uint32_t staff, const char *telephone)
{
	struct counsellor *counsellor = counsellor_get(desk, staff);
	snprintf(counsellor->telephone, sizeof counsellor->telephone, "%s", telephone);
}

static void close_window(struct desk *desk, uint64_t id)
{
	struct port *port = ports_find(desk, id);
	if (port && port->listener->on_replaced)
		port->listener->on_replaced(port->arg);
	ports_remove(desk, id);
}

uint64_t desk_counsellor_attach(struct desk *desk, uint32_t staff, const char *display,
	const struct desk_listener *listener, void *arg)
{
	struct counsellor *counsellor = counsellor_get(desk, staff);
	uint64_t port = ports_add(desk, listener, arg);

	ports_find(desk, port)->staff = staff;
	desk_staff_learn(desk, staff, display);
	counsellor->heard_mono = counsellor->attended_mono = clock_mono();
	if (counsellor->ports[COUNSELLOR_WINDOWS - 1])
		close_window(desk, counsellor->ports[COUNSELLOR_WINDOWS - 1]);
	memmove(counsellor->ports + 1, counsellor->ports,
		(COUNSELLOR_WINDOWS - 1) * sizeof *counsellor->ports);
	counsellor->ports[0] = port;
	return port;
}

void counsellor_detach(struct desk *desk, uint32_t staff, uint64_t port)
{
	struct counsellor *counsellor = counsellor_get(desk, staff);
	int kept = 0;

	for (int i = 0; i < COUNSELLOR_WINDOWS; i++)
		if (counsellor->ports[i] && counsellor->ports[i] != port)
			counsellor->ports[kept++] = counsellor->ports[i];
	while (kept < COUNSELLOR_WINDOWS)
		counsellor->ports[kept++] = 0;
}

void desk_counsellor_duty(struct desk *desk, uint32_t staff, enum duty duty)
{
	struct counsellor *counsellor = counsellor_get(desk, staff);

	if (duty != DUTY_OFF && !rights_may(counsellor->role, RIGHT_TALK))
		return;
	if (duty == DUTY_ON && !counsellor->shift_since)
		counsellor->shift_since = clock_wall();
	counsellor->duty = duty;
	tell_colleagues(desk);
	ports_flush(desk);
}

static bool by_telephone(const struct contact *contact)
{
	return contact->channel == CHANNEL_TELEPHONE;
}

static bool talking(const struct contact *contact)
{
	return by_telephone(contact) && !strcmp(contact->call, "connected");
}

static void give_back(struct desk *desk, uint32_t staff, const char *why,
	bool (*spared)(const struct contact *contact))
{
	struct contact *each, *next;

	HASH_ITER (by_id, desk->by_id, each, next)
		if (each->state == CONTACT_TAKEN && each->owner == staff && !(spared && spared(each)))
			submit_system(desk, each, COMMAND_RETURN, why);
}

void counsellor_return_all(struct desk *desk, uint32_t staff, const char *why)
{
	give_back(desk, staff, why, NULL);
}

void counsellor_return_quiet(struct desk *desk, uint32_t staff, const char *why)
{
	give_back(desk, staff, why, talking);
}

void counsellor_return_chats(struct desk *desk, uint32_t staff, const char *why)
{
	give_back(desk, staff, why, by_telephone);
}

void desk_shift_end(struct desk *desk, uint32_t staff)
{
	struct counsellor *counsellor = counsellor_get(desk, staff);

	counsellor->shift_since = 0;
	counsellor->shift_taken = counsellor->shift_closed = counsellor->shift_returned = 0;
}

void desk_counsellor_leave(struct desk *desk, uint32_t staff)
{
	counsellor_return_all(desk, staff, "counsellor");
	desk_counsellor_duty(desk, staff, DUTY_OFF);
	desk_shift_end(desk, staff);
}

void desk_each_counsellor(const struct desk *desk,
	void (*on_counsellor)(void *arg, const struct counsellor *counsellor), void *arg)
{
	struct counsellor *each, *next;
	HASH_ITER (hh, desk->counsellors, each, next)
		on_counsellor(arg, each);
}
