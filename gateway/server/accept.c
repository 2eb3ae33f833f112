#include "server/private.h"

static const double moment = 0.001; /* s */

static void on_rest(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct server *server = timer->data;

	(void)loop;
	(void)events;
	server->accepted = 0;
	for (size_t i = 0; i < ACCEPT_LISTENERS; i++)
		if (server->resting[i])
			lws_rx_flow_control(server->resting[i], 1);
	for (size_t i = 0; i < ACCEPT_LISTENERS; i++)
		server->resting[i] = NULL;
}

void accept_one(struct server *server, struct lws *listener)
{
	size_t place = 0;

	if (++server->accepted < ACCEPT_AT_ONCE)
		return;
	while (server->resting[place] && server->resting[place] != listener)
		place++;
	server->resting[place] = listener;
	lws_rx_flow_control(listener, 0);
	if (!ev_is_active(&server->rest))
		ev_timer_set(&server->rest, moment, 0); /* a timer that ran out keeps its time */
	ev_timer_start(server->loop, &server->rest);
}

void accept_begin(struct server *server)
{
	ev_timer_init(&server->rest, on_rest, moment, 0);
	server->rest.data = server;
}

void accept_end(struct server *server)
{
	ev_timer_stop(server->loop, &server->rest);
}
