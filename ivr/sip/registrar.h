/* Softphones of the staff that register with us: digest, and over TLS unless from this machine. In
 * memory alone; a restart asks them to come again within REGISTRAR_MOST_SECONDS. */
#ifndef SIP_REGISTRAR_H
#define SIP_REGISTRAR_H

#include "ivr/sip/exchange.h"

enum { REGISTRAR_LEAST_SECONDS = 60, REGISTRAR_MOST_SECONDS = 600, REGISTRAR_BINDINGS = 200,
	REGISTRAR_OF_ONE = 10 /* telephones of one person */ };

struct registrar;

struct registrar *registrar_create(struct exchange *exchange);
void registrar_destroy(struct registrar **registrar);
void registrar_request(struct registrar *registrar, struct stack *stack, const struct sip_msg *msg);
/* The telephone that `name` registered last; false: none. */
bool registrar_find(struct registrar *registrar, const char *name, char *uri_r, size_t size);

#endif
