/* What the SIP thread needs of onthaal.yaml, as a copy of its own. */
#ifndef SIP_SETTINGS_H
#define SIP_SETTINGS_H

#include "ivr/sip/exchange.h"

void settings_init(struct exchange_settings *settings_r, const struct config *config);
void settings_finish(struct exchange_settings *settings);

#endif
