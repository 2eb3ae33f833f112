/* What configures a line, by value: calls go on with it while the configuration is read anew. */
#ifndef IVR_LINE_COPY_H
#define IVR_LINE_COPY_H

#include "config/config.h"

struct config_line line_copy_make(const struct config_line *from);
void line_copy_free(struct config_line *line); /* what line_copy_make gave; strings that are NULL were taken out */

#endif
