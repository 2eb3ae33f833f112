/* A provider's SIP trunk: we register there, its calls come in, and counsellors' numbers are rung
 * through it. Several servers are tried in turn. With TLS its certificate is verified against the
 * domain. */
#ifndef SIP_TRUNK_H
#define SIP_TRUNK_H

#include "base/err.h"
#include "ivr/sip/re.h"

#include <stdbool.h>
#include <stddef.h>

enum { TRUNK_RETRY_SECONDS = 10, TRUNK_RETRY_MOST = 300 };

struct exchange;
struct trunk;

must_check enum err trunks_start(struct exchange *exchange);
void trunks_stop(struct exchange *exchange);
void trunks_unregister(struct exchange *exchange); /* no more calls, please */
bool trunk_owns(const struct trunk *trunk, const struct sa *source); /* its server, as it answered */
int trunk_login(const struct trunk *trunk, char **user_r, char **password_r);
bool trunk_route(const struct trunk *trunk, char *route_r, size_t size); /* the server in use */
bool trunk_is_tls(const struct trunk *trunk);
struct stack *trunk_stack(struct trunk *trunk);
/* The uri and our address for a number; false: not registered. */
bool trunk_number(const struct trunk *trunk, const char *number, const char *cli, char *uri_r,
	size_t uri_size, char *from_r, size_t from_size);

#endif
