/* libre and librem, for the files of this folder only. libre has a function mem_alloc of its own
 * that takes two arguments; it is never called by us, so its declaration is put aside. Ours is
 * hidden from shared libraries (CMakeLists.txt), so libre finds its own. */
#ifndef SIP_RE_H
#define SIP_RE_H

/* How Debian built it; its pkg-config file leaves that out. */
#define HAVE_INTTYPES_H
#define HAVE_STDBOOL_H
#define HAVE_INET6
#define RELEASE
#define USE_OPENSSL

#define mem_alloc re_mem_alloc_unused
#include <re.h>
#undef mem_alloc

/* Fixed text into a struct pl. */
#define PL_IS(pl, text) (pl_strcasecmp((pl), (text)) == 0)

#endif
