/* How many lines are open from each network, by its number (server_line_network). Nothing is kept of a
 * network whose last line is closed; 0, the machine itself or unknown, is never counted. */
#ifndef WEBCHAT_NETWORKS_H
#define WEBCHAT_NETWORKS_H

#include <stdint.h>

struct networks;

struct networks *networks_create(void);
void networks_destroy(struct networks **networks);
void networks_enter(struct networks *networks, uint64_t number);
void networks_leave(struct networks *networks, uint64_t number); /* once for each enter */
uint32_t networks_count(const struct networks *networks, uint64_t number);

#endif
