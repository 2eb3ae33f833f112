/* Files built into the program by assets.cmake, in the order of their names: "visitor/index.html",
 * "visitor/visitor.js", "visitor/visitor.js.gz" … */
#ifndef PAGES_ASSETS_H
#define PAGES_ASSETS_H

#include <stddef.h>

struct asset {
	const char *name;
	const char *bytes;
	size_t length;
};

extern const struct asset assets_all[];
extern const size_t assets_count;

#endif
