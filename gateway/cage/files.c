/* Files, by Landlock: its first version came with Linux 5.13, and each later one can refuse more. */
#include "base/log.h"
#include "cage/private.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Younger than Debian 12's headers. */
#define FILE_TRUNCATE (1ULL << 14) /* version 3 */
#define FILE_IOCTL_DEVICE (1ULL << 15) /* version 5 */
#define SCOPE_ABSTRACT_SOCKET (1ULL << 0) /* version 6 */
#define SCOPE_SIGNAL (1ULL << 1) /* version 6 */

#define FILES_FIRST ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1) /* all of version 1 */
#define FILE_READ LANDLOCK_ACCESS_FS_READ_FILE
#define FOLDER_READ (FILE_READ | LANDLOCK_ACCESS_FS_READ_DIR)
#define FOLDER_WRITE \
	(FOLDER_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR \
		| LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR \
		| LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REFER | FILE_TRUNCATE)

struct wall { /* as the kernel of version 6 and later takes it; older ones: less of it */
	uint64_t files, network, scope;
};

struct ruleset {
	int fd;
	uint64_t handled;
};

static void allow(const struct ruleset *set, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule
		= { .parent_fd = open(path, O_PATH | O_CLOEXEC) };
	struct stat about;

	if (rule.parent_fd < 0)
		return;
	if (!fstat(rule.parent_fd, &about) && !S_ISDIR(about.st_mode))
		rights &= FILE_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE | FILE_TRUNCATE;
	rule.allowed_access = rights & set->handled;
	if (syscall(SYS_landlock_add_rule, set->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
		log_warn("a path stays outside the cage", "why=\"%s\"", strerror(errno));
	close(rule.parent_fd);
}

/* The file's folder; of a file right below the root that file alone. */
static void allow_around(const struct ruleset *set, const char *path)
{
	char copy[4096];
	const char *folder;

	snprintf(copy, sizeof copy, "%s", path);
	folder = dirname(copy);
	allow(set, strcmp(folder, "/") != 0 ? folder : path, FOLDER_READ);
}

static void allow_reading(const struct ruleset *set, const char *path)
{
	struct stat about;
	char *real;

	if (!stat(path, &about) && S_ISDIR(about.st_mode)) {
		allow(set, path, FOLDER_READ);
		return;
	}
	allow_around(set, path);
	real = realpath(path, NULL);
	if (real && strcmp(real, path) != 0)
		allow_around(set, real);
	free(real);
}

/* What libraries read while running: names of the network, zones, certificates, parts of themselves.
 * A resolver's file is often replaced, so its folder is open; but not root's /etc, with its shadow. */
static void allow_system(const struct ruleset *set, bool sanitizer)
{
	static const char *const paths[] = { "/usr", "/lib", "/lib64", "/etc/ssl", "/etc/resolv.conf",
		"/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services",
		"/etc/protocols", "/etc/localtime", "/etc/ld.so.cache", "/dev/null", "/dev/random",
		"/dev/urandom", "/sys/devices/system/cpu", "/proc/self/task" };
	char *resolver = realpath("/etc/resolv.conf", NULL);

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		allow(set, paths[i], FOLDER_READ);
	if (geteuid() != 0)
		allow(set, "/etc", FOLDER_READ);
	if (resolver && strncmp(resolver, "/etc/", 5) != 0)
		allow_around(set, resolver);
	free(resolver);
	if (sanitizer)
		allow(set, "/proc", FOLDER_READ);
}

static void allow_helper(const struct ruleset *set, const struct cage_plan *plan)
{
	static const char *const programs[] = { "/usr", "/bin", "/lib", "/lib64", "/proc/self/exe" };
	char folder[4096];

	snprintf(folder, sizeof folder, "%s/%s", plan->data, plan->helper);
	if (mkdir(folder, 0700) && errno != EEXIST)
		log_warn("a helper cannot write", "why=\"%s\"", strerror(errno));
	allow(set, folder, FOLDER_WRITE);
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		allow(set, programs[i], FOLDER_READ | LANDLOCK_ACCESS_FS_EXECUTE);
	allow(set, "/dev/null", FILE_READ | LANDLOCK_ACCESS_FS_WRITE_FILE);
}

int files_wall(const struct cage_plan *plan)
{
	int version = (int)syscall(
		SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct wall wall = { .files = FILES_FIRST };
	struct ruleset set;

	if (version < 1) {
		log_warn("files are not walled off: this kernel has no Landlock", "why=\"%s\"",
			strerror(errno));
		return 0;
	}
	if (version >= 2)
		wall.files |= LANDLOCK_ACCESS_FS_REFER;
	if (version >= 3)
		wall.files |= FILE_TRUNCATE;
	if (version >= 5)
		wall.files |= FILE_IOCTL_DEVICE;
	if (version >= 6)
		wall.scope = SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL;
	set.handled = wall.files;
	set.fd = (int)syscall(SYS_landlock_create_ruleset, &wall,
		version >= 6 ? sizeof wall : sizeof wall.files, 0);
	if (set.fd >= 0) {
		if (plan->helper)
			allow_helper(&set, plan);
		else
			allow(&set, plan->data, FOLDER_WRITE);
		for (size_t i = 0; i < plan->read_count; i++)
			allow_reading(&set, plan->read[i]);
		allow_system(&set, plan->sanitizer);
	}
	if (set.fd < 0 || syscall(SYS_landlock_restrict_self, set.fd, 0)) {
		log_error("the cage is open: files are not walled off", "why=\"%s\"", strerror(errno));
		version = 0;
	}
	if (set.fd >= 0)
		close(set.fd);
	return version;
}
