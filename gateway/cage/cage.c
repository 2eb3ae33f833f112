#include "base/log.h"
#include "cage/private.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err become_owner(const struct cage_plan *plan, char *error, size_t error_size)
{
	struct stat about;

	if (mkdir(plan->data, 0700) && errno != EEXIST) {
		snprintf(error, error_size, "%s cannot be made: %s", plan->data, strerror(errno));
		return ERR_IO;
	}
	if (geteuid() != 0 || stat(plan->data, &about) || about.st_uid == 0)
		return OK;
	prctl(PR_SET_KEEPCAPS, plan->low_ports, 0, 0, 0);
	if (!setgroups(0, NULL) && !setresgid(about.st_gid, about.st_gid, about.st_gid)
		&& !setresuid(about.st_uid, about.st_uid, about.st_uid)) {
		log_info("root no longer, but the owner of the data folder", "uid=%u", about.st_uid);
		return OK;
	}
	snprintf(error, error_size, "root cannot become the owner of %s: %s: give the folder to root, "
		"or start as its owner", plan->data, strerror(errno));
	return ERR_IO;
}

/* What is in memory is never written to a disk: not by a core dump, and not to the swap. */
static void keep_in_memory(const struct cage_plan *plan)
{
	const struct rlimit none = { 0 };
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	(void)!setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (plan->helper)
		return;
	if (plan->sanitizer) /* its shadow is larger than any machine */
		return;
	(void)!setrlimit(RLIMIT_MEMLOCK, &all); /* root's right */
	if (!getrlimit(RLIMIT_MEMLOCK, &all) && all.rlim_cur == RLIM_INFINITY
		&& !mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
		return;
	log_info("only keys are kept out of the swap",
		"advice=\"LimitMEMLOCK=infinity, no swap, or an encrypted one\"");
}

enum err cage_walls(const struct cage_plan *plan, char *error, size_t error_size)
{
	unsigned long long keep = plan->low_ports && !plan->helper ? 1ULL << CAP_NET_BIND_SERVICE : 0;
	int version;

	keep_in_memory(plan);
	if (become_owner(plan, error, error_size))
		return ERR_IO;
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* a change of user may have raised it */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		log_error("the cage is open: no_new_privs", "why=\"%s\"", strerror(errno));
	if (!powers_drop(keep))
		log_error("the cage is open: capabilities are left", "why=\"%s\"", strerror(errno));
	version = files_wall(plan);
	if (version && !plan->helper)
		log_info("files are walled off", "landlock=%d paths=%zu", version, plan->read_count);
	return OK;
}

void cage_close(const struct cage_plan *plan)
{
	int code;

	if (plan->low_ports && !powers_drop_everywhere())
		log_error("the cage is open: capabilities are left", "%s", "");
	code = calls_wall(plan);
	if (code)
		log_error("the cage is open: no filter of system calls", "why=\"%s\"", strerror(code));
	else
		log_info("the cage is closed", "sanitizer=%s", plan->sanitizer ? "true" : "false");
}

bool cage_outside(const char *path)
{
	int fd;

	if (access(path, R_OK))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == EACCES;
}
