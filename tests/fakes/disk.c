/* A disk that fails on command, preloaded into the real daemon. The file named by ONTHAAL_FAKE_DISK
 * says how: "full" (writes give ENOSPC), "readonly" (EROFS), "sync" (fsync gives EIO), "stall" (fsync
 * does not return before it says something else); anything else: all is well. Regular files alone. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int control = -1;

/* Before the process closes itself in; the file is written again in its place. */
__attribute__((constructor)) static void open_control(void)
{
	const char *path = getenv("ONTHAAL_FAKE_DISK");
	control = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

static bool said(const char *word)
{
	char text[16] = "";

	if (pread(control, text, sizeof text - 1, 0) < 0)
		return false;
	return !strncmp(text, word, strlen(word));
}

static bool fails(int fd)
{
	struct stat about;
	int before = errno;
	bool full, readonly;

	if (fstat(fd, &about) || !S_ISREG(about.st_mode))
		return false;
	full = said("full");
	readonly = !full && said("readonly");
	errno = full ? ENOSPC : readonly ? EROFS : before;
	return full || readonly;
}

static int sync_by(const char *name, int fd)
{
	int (*real)(int) = (int (*)(int))(uintptr_t)dlsym(RTLD_NEXT, name);

	while (said("stall"))
		usleep(10000);
	if (!said("sync"))
		return real(fd);
	errno = EIO;
	return -1;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
	return fails(fd) ? -1 : syscall(SYS_write, fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
	return fails(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at)
{
	return fails(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, length, at);
}

int ftruncate(int fd, off_t length)
{
	return fails(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

int ftruncate64(int fd, off64_t length)
{
	return fails(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

int fsync(int fd)
{
	return sync_by("fsync", fd);
}

int fdatasync(int fd)
{
	return sync_by("fdatasync", fd);
}
