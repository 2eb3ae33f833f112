/* Capabilities, by the kernel's own calls: they are each thread's own. */
#include "cage/private.h"

#include <dirent.h>
#include <errno.h>
#include <linux/capability.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 256, WAIT_SECONDS = 5, LAST_POSSIBLE = 63 };

static sem_t done;

static bool set(unsigned long long keep)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct now[2], want[2];

	if (syscall(SYS_capget, &header, now))
		return false;
	for (int i = 0; i < 2; i++) {
		uint32_t part = (uint32_t)(keep >> (32 * i)) & now[i].permitted;
		want[i] = (struct __user_cap_data_struct) { .effective = part, .permitted = part };
	}
	/* Where systemd left none, its filter of calls may refuse even to drop them. */
	return !memcmp(now, want, sizeof now) || !syscall(SYS_capset, &header, want);
}

bool powers_drop(unsigned long long keep)
{
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (int i = 0; i <= LAST_POSSIBLE; i++)
		if (!(keep >> i & 1) && prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
			prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	return set(keep);
}

static void on_drop(int number)
{
	int before = errno;
	(void)number;
	if (set(0))
		sem_post(&done);
	errno = before;
}

static size_t other_threads(pid_t threads[THREADS_MAX])
{
	DIR *folder = opendir("/proc/self/task");
	size_t count = 0;
	pid_t id;

	if (!folder)
		return 0;
	for (struct dirent *entry = readdir(folder); entry && count < THREADS_MAX;
		entry = readdir(folder)) {
		id = atoi(entry->d_name);
		if (id && id != gettid())
			threads[count++] = id;
	}
	closedir(folder);
	return count;
}

bool powers_drop_everywhere(void)
{
	struct sigaction action = { .sa_handler = on_drop, .sa_flags = SA_RESTART }, before;
	pid_t threads[THREADS_MAX];
	size_t count = other_threads(threads), asked = 0;
	struct timespec until;
	bool good = powers_drop(0);
	int number = SIGRTMIN + 3;

	sem_init(&done, 0, 0);
	sigaction(number, &action, &before);
	for (size_t i = 0; i < count; i++)
		asked += !tgkill(getpid(), threads[i], number);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_SECONDS;
	for (size_t i = 0; i < asked && good; i++)
		while (sem_timedwait(&done, &until))
			if (errno != EINTR) {
				good = false;
				break;
			}
	sigaction(number, &before, NULL);
	return good && count < THREADS_MAX;
}
