/* Life in the cage: what the daemon needs goes on, for every thread, without powers and dumps. */
#include "tests/unit/cage/caged.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <linux/capability.h>
#include <netdb.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

static int keep_data(void)
{
	char from[160], to[160], below[160];
	int fd = open(within(data, "a", from), O_RDWR | O_CREAT, 0600);

	if (fd < 0 || write(fd, "x", 1) != 1 || fsync(fd) || ftruncate(fd, 0) || close(fd))
		return 1;
	if (rename(from, within(data, "b", to)) || unlink(to))
		return 2;
	return mkdir(within(data, "below", below), 0700) || rmdir(below) ? 3 : GOOD;
}

static int read_again(void)
{
	char path[160];
	return failed(open(within(shared, "page", path), O_RDONLY));
}

static void *nothing(void *arg)
{
	return arg;
}

static int new_thread(void)
{
	pthread_t thread;
	return pthread_create(&thread, NULL, nothing, NULL) || pthread_join(thread, NULL);
}

static int find_name(void)
{
	struct addrinfo *found = NULL;
	int code = getaddrinfo("localhost", "443", NULL, &found);
	if (found)
		freeaddrinfo(found);
	return code ? 1 : GOOD;
}

static int machine_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
			== MAP_FAILED
		? errno
		: GOOD;
}

static int datagrams(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return fd < 0 ? errno : failed(bind(fd, (struct sockaddr *)&any, sizeof any));
}

static int give_up(void)
{
	signal(SIGABRT, SIG_DFL);
	abort();
}

static void what_the_daemon_needs_goes_on(void **state)
{
	char path[160];
	(void)state;

	write_file(within(shared, "page", path));
	assert_int_equal(caged(keep_data), GOOD);
	assert_int_equal(caged(read_again), GOOD);
	assert_int_equal(caged(new_thread), GOOD);
	assert_int_equal(caged(find_name), GOOD);
	assert_int_equal(caged(machine_code), GOOD);
	assert_int_equal(caged(datagrams), GOOD);
	assert_int_equal(caged(give_up), -SIGABRT);
}

static unsigned long long of_status(const char *task, const char *field)
{
	char path[300], line[300];
	unsigned long long value = ~0ULL;
	size_t length = strlen(field);
	FILE *file;

	snprintf(path, sizeof path, "/proc/self/task/%s/status", task);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file))
		if (!strncmp(line, field, length))
			value = strtoull(line + length, NULL, 16);
	if (file)
		fclose(file);
	return value;
}

static bool every_thread(const char *field, unsigned long long wanted)
{
	DIR *tasks = opendir("/proc/self/task");
	bool good = tasks != NULL;

	for (struct dirent *each = tasks ? readdir(tasks) : NULL; each; each = readdir(tasks))
		if (*each->d_name != '.')
			good = good && of_status(each->d_name, field) == wanted;
	if (tasks)
		closedir(tasks);
	return good;
}

static int lines[2];

static void *wait_for_end(void *arg)
{
	char byte;
	while (read(lines[0], &byte, 1) < 0 && errno == EINTR)
		continue;
	return arg;
}

/* Threads that began between the two steps, with the power for low ports, lose it as well. */
static int every_thread_is_caged(void)
{
	struct cage_plan own = plan();
	struct rlimit core = { 1, 1 };
	char error[300], self[20];
	pthread_t threads[3];

	own.low_ports = true;
	own.sanitizer = true; /* reads of /proc */
	if (pipe(lines) || cage_walls(&own, error, sizeof error))
		return 1;
	snprintf(self, sizeof self, "%d", (int)getpid());
	if (geteuid() == 0 && of_status(self, "CapEff:") != 1ULL << CAP_NET_BIND_SERVICE)
		return 2;
	for (int i = 0; i < 3; i++)
		if (pthread_create(&threads[i], NULL, wait_for_end, NULL))
			return 3;
	cage_close(&own);
	if (!every_thread("CapEff:", 0) || !every_thread("CapPrm:", 0) || !every_thread("CapInh:", 0))
		return 4;
	if (!every_thread("Seccomp:", 2) || !every_thread("NoNewPrivs:", 1))
		return 5;
	if (of_status(self, "CapAmb:") || (geteuid() == 0 && of_status(self, "CapBnd:") & ~(1ULL << CAP_NET_BIND_SERVICE)))
		return 6;
	if (getrlimit(RLIMIT_CORE, &core) || core.rlim_max || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return 7;
	return GOOD;
}

static void all_threads_and_no_dump(void **state)
{
	(void)state;
	assert_int_equal(in_child(every_thread_is_caged), GOOD);
}

static int walls_alone(void) /* Landlock by itself */
{
	struct cage_plan own = plan();
	char error[300], path[160];

	if (cage_walls(&own, error, sizeof error))
		return NOT_CAGED;
	if (!cage_outside(outside) || cage_outside(within(shared, "page", path))
		|| cage_outside("/nowhere/at/all"))
		return 1;
	return start_program();
}

static void the_walls_alone_let_no_program_start(void **state)
{
	(void)state;
	if (!landlock())
		skip();
	assert_int_equal(in_child(walls_alone), EACCES);
}

static int root_becomes_the_owner(void)
{
	struct cage_plan own = plan();
	char error[300] = "", path[160];

	if (cage_walls(&own, error, sizeof error))
		return 1;
	if (getuid() != 65534 || geteuid() != 65534 || getgid() != 65534 || setuid(0) == 0)
		return 2;
	return failed(open(within(data, "theirs", path), O_WRONLY | O_CREAT, 0600));
}

static void root_is_root_no_longer(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(chown(data, 65534, 65534), 0);
	assert_int_equal(in_child(root_becomes_the_owner), GOOD);
	assert_int_equal(chown(data, 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_the_daemon_needs_goes_on),
		cmocka_unit_test(all_threads_and_no_dump),
		cmocka_unit_test(the_walls_alone_let_no_program_start),
		cmocka_unit_test(root_is_root_no_longer) };
	return cmocka_run_group_tests_name("living", tests, set_up, folder_tear_down);
}
