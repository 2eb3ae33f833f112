/* The cage: each forbidden thing is tried by a process of its own that is caged as the daemon is, and
 * what the daemon needs still works there. */
#include "cage/cage.h"
#include "tests/unit/store/folder.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { GOOD = 0, NOT_CAGED = 200, KILLED = 1000 };

static char data[120], shared[120], outside[120], elsewhere[120];

static void write_file(const char *path)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("what was written\n", file);
	fclose(file);
}

static int set_up(void **state)
{
	if (folder_set_up(state))
		return -1;
	snprintf(data, sizeof data, "%s/data", folder);
	snprintf(shared, sizeof shared, "%s/shared", folder);
	snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", folder);
	snprintf(outside, sizeof outside, "%s/elsewhere/secret", folder);
	if (mkdir(data, 0700) || mkdir(shared, 0700) || mkdir(elsewhere, 0700))
		return -1;
	write_file(outside);
	return 0;
}

static char *within(const char *where, const char *name, char path_r[160])
{
	assert_true(snprintf(path_r, 160, "%s/%s", where, name) < 160);
	return path_r;
}

static bool landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 1;
}

static struct cage_plan plan(void)
{
	return (struct cage_plan) { .data = data, .read = { shared }, .read_count = 1 };
}

/* What a caged process gives: 0, an errno, or KILLED when it was ended for trying. */
static int caged(int (*attempt)(void))
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		struct cage_plan own = plan();
		char error[300];
		if (cage_walls(&own, error, sizeof error))
			_exit(NOT_CAGED);
		cage_close(&own);
		_exit(attempt());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? KILLED : -WTERMSIG(status);
	return WEXITSTATUS(status);
}

static int failed(long result)
{
	return result < 0 ? errno : GOOD;
}

#define ATTEMPT(name, expression) \
	static int name(void) \
	{ \
		return failed((long)(expression)); \
	}

/* Files */
ATTEMPT(write_passwd, open("/etc/passwd", O_WRONLY))
ATTEMPT(write_own_memory, open("/proc/self/mem", O_RDWR))
ATTEMPT(read_first_process, open("/proc/1/environ", O_RDONLY))
ATTEMPT(read_outside, open(outside, O_RDONLY))
ATTEMPT(write_outside, open(outside, O_WRONLY))
ATTEMPT(truncate_outside, syscall(SYS_truncate, outside, 0L))
ATTEMPT(remove_outside, unlink(outside))
ATTEMPT(chmod_outside, chmod(outside, 0777))
ATTEMPT(list_outside, open(elsewhere, O_RDONLY | O_DIRECTORY))
ATTEMPT(list_root, open("/", O_RDONLY | O_DIRECTORY))
ATTEMPT(list_home, open("/root", O_RDONLY | O_DIRECTORY))
ATTEMPT(make_in_tmp, open("/tmp/onthaal-test-escape", O_WRONLY | O_CREAT, 0600))
ATTEMPT(folder_in_tmp, mkdir("/tmp/onthaal-test-escape", 0700))
ATTEMPT(hard_link, link(outside, "/tmp/onthaal-test-escape"))
ATTEMPT(soft_link, symlink(outside, "/tmp/onthaal-test-escape"))
ATTEMPT(device, mknod("/tmp/onthaal-test-escape", S_IFCHR | 0600, 0x103))
ATTEMPT(nameless_file, syscall(SYS_memfd_create, "x", 0))

static int carry_out(void)
{
	char from[160], to[160];
	int fd = open(within(data, "own", from), O_WRONLY | O_CREAT, 0600);
	if (fd < 0)
		return NOT_CAGED;
	close(fd);
	return failed(rename(from, within(elsewhere, "out", to)));
}

static int write_shared(void)
{
	char path[160];
	return failed(open(within(shared, "new", path), O_WRONLY | O_CREAT, 0600));
}

static void no_file_but_those_of_the_plan(void **state)
{
	static const struct {
		const char *name;
		int (*attempt)(void);
	} rows[] = { { "write /etc/passwd", write_passwd }, { "write own memory", write_own_memory },
		{ "read of process 1", read_first_process }, { "read outside", read_outside },
		{ "write outside", write_outside }, { "remove outside", remove_outside },
		{ "list outside", list_outside }, { "list /", list_root }, { "list /root", list_home },
		{ "make in /tmp", make_in_tmp }, { "folder in /tmp", folder_in_tmp },
		{ "carry out of the data folder", carry_out }, { "write what is read", write_shared } };
	(void)state;

	if (!landlock())
		skip();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int got = caged(rows[i].attempt);
		if (got != EACCES && got != EXDEV)
			print_error("%s: %d\n", rows[i].name, got);
		assert_true(got == EACCES || got == EXDEV);
	}
}

/* Processes and the kernel */
static int start_program(void)
{
	static char name[] = "true";
	char *const argv[] = { name, NULL }, *const none[] = { NULL };
	return failed(execve("/bin/true", argv, none));
}
static int start_by_descriptor(void)
{
	static char name[] = "true";
	char *const argv[] = { name, NULL }, *const none[] = { NULL };
	return failed(syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, none, 0));
}
ATTEMPT(new_process, syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0))
ATTEMPT(new_process_3, syscall(SYS_clone3, NULL, 0))
ATTEMPT(old_fork, syscall(SYS_fork))
ATTEMPT(old_vfork, syscall(SYS_vfork))
ATTEMPT(trace, syscall(SYS_ptrace, 0, 0, 0, 0))
ATTEMPT(read_other, syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0))
ATTEMPT(write_other, syscall(SYS_process_vm_writev, getppid(), NULL, 0, NULL, 0, 0))
ATTEMPT(take_descriptor, syscall(SYS_pidfd_getfd, 0, 0, 0))
ATTEMPT(end_other, kill(getppid(), 0))
ATTEMPT(end_other_thread, syscall(SYS_tgkill, getppid(), getppid(), 0))
ATTEMPT(mount_something, syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL))
ATTEMPT(unmount, syscall(SYS_umount2, "/tmp", 0))
ATTEMPT(new_root, syscall(SYS_chroot, "/tmp"))
ATTEMPT(pivot, syscall(SYS_pivot_root, "/tmp", "/tmp"))
ATTEMPT(own_namespace, syscall(SYS_unshare, 0x10000000))
ATTEMPT(other_namespace, syscall(SYS_setns, 0, 0))
ATTEMPT(module, syscall(SYS_init_module, NULL, 0, ""))
ATTEMPT(module_file, syscall(SYS_finit_module, 0, "", 0))
ATTEMPT(other_kernel, syscall(SYS_kexec_load, 0, 0, NULL, 0))
ATTEMPT(restart_machine, syscall(SYS_reboot, 0, 0, 0, NULL))
ATTEMPT(swap_on, syscall(SYS_swapon, "/tmp/x", 0))
ATTEMPT(kernel_program, syscall(SYS_bpf, 0, NULL, 0))
ATTEMPT(measure_kernel, syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0))
ATTEMPT(page_faults, syscall(SYS_userfaultfd, 0))
ATTEMPT(ring, syscall(SYS_io_uring_setup, 1, NULL))
ATTEMPT(kernel_keys, syscall(SYS_keyctl, 0, 0, 0, 0, 0))
ATTEMPT(open_by_handle, syscall(SYS_open_by_handle_at, 0, NULL, 0))
ATTEMPT(other_personality, syscall(SYS_personality, 0x0040000))
ATTEMPT(set_clock, syscall(SYS_clock_settime, CLOCK_REALTIME, NULL))
ATTEMPT(become_root, syscall(SYS_setuid, 0))
ATTEMPT(change_groups, syscall(SYS_setgroups, 0, NULL))
ATTEMPT(take_powers, syscall(SYS_capset, NULL, NULL))
ATTEMPT(be_dumped, prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
ATTEMPT(type_for_others, ioctl(0, TIOCSTI, "x"))
ATTEMPT(dump_again, setrlimit(RLIMIT_CORE, &(struct rlimit) { 1, 1 }))

static void who_tries_what_only_an_intruder_does_ends(void **state)
{
	static const struct {
		const char *name;
		int (*attempt)(void);
	} rows[] = { { "execve", start_program }, { "execveat", start_by_descriptor },
		{ "fork", old_fork }, { "vfork", old_vfork }, { "ptrace", trace },
		{ "process_vm_readv", read_other }, { "process_vm_writev", write_other },
		{ "pidfd_getfd", take_descriptor }, { "mount", mount_something },
		{ "umount2", unmount }, { "chroot", new_root }, { "pivot_root", pivot },
		{ "unshare", own_namespace }, { "setns", other_namespace }, { "init_module", module },
		{ "finit_module", module_file }, { "kexec_load", other_kernel },
		{ "reboot", restart_machine }, { "swapon", swap_on }, { "bpf", kernel_program },
		{ "perf_event_open", measure_kernel }, { "userfaultfd", page_faults },
		{ "io_uring_setup", ring }, { "keyctl", kernel_keys },
		{ "open_by_handle_at", open_by_handle }, { "personality", other_personality },
		{ "clock_settime", set_clock }, { "setuid", become_root },
		{ "setgroups", change_groups }, { "capset", take_powers }, { "mknod", device } };
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int got = caged(rows[i].attempt);
		if (got != KILLED)
			print_error("%s: %d\n", rows[i].name, got);
		assert_int_equal(got, KILLED);
	}
}

/* The network */
ATTEMPT(packets, socket(AF_PACKET, SOCK_DGRAM, 0))
ATTEMPT(raw, socket(AF_INET, SOCK_RAW, IPPROTO_ICMP))
ATTEMPT(kernel_crypto, socket(AF_ALG, SOCK_SEQPACKET, 0))
ATTEMPT(virtual_machines, socket(AF_VSOCK, SOCK_STREAM, 0))
ATTEMPT(bluetooth, socket(AF_BLUETOOTH, SOCK_STREAM, 0))
ATTEMPT(kernel_audit, socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT))
ATTEMPT(pair_of_other, socketpair(AF_INET, SOCK_STREAM, 0, (int[2]) { 0 }))

static int back_door(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	return fd < 0 ? NOT_CAGED : failed(listen(fd, 1));
}

static void what_is_not_listed_does_not_exist(void **state)
{
	static const struct {
		const char *name;
		int (*attempt)(void);
	} rows[] = { { "truncate", truncate_outside }, { "chmod", chmod_outside },
		{ "link", hard_link }, { "symlink", soft_link }, { "memfd_create", nameless_file },
		{ "clone of a process", new_process }, { "clone3", new_process_3 },
		{ "kill", end_other }, { "tgkill of another", end_other_thread },
		{ "PR_SET_DUMPABLE", be_dumped }, { "TIOCSTI", type_for_others },
		{ "setrlimit", dump_again }, { "AF_PACKET", packets }, { "SOCK_RAW", raw },
		{ "AF_ALG", kernel_crypto }, { "AF_VSOCK", virtual_machines },
		{ "AF_BLUETOOTH", bluetooth }, { "NETLINK_AUDIT", kernel_audit },
		{ "socketpair of AF_INET", pair_of_other }, { "listen", back_door } };
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int got = caged(rows[i].attempt);
		if (got != ENOSYS)
			print_error("%s: %d\n", rows[i].name, got);
		assert_int_equal(got, ENOSYS);
	}
}

static int reach_out(void) /* to a socket without a name in the file system, of somebody else */
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "\0onthaal-test-cage" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	return failed(connect(fd, (struct sockaddr *)&to, sizeof to));
}

static void no_nameless_socket_of_others(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "\0onthaal-test-cage" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	(void)state;

	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 6)
		skip();
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(caged(reach_out), EPERM);
	close(fd);
}

/* What has to go on */
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

static int in_child(int (*attempt)(void))
{
	int status = 0;
	pid_t child = fork();

	if (!child)
		_exit(attempt());
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
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
	const struct CMUnitTest tests[] = { cmocka_unit_test(no_file_but_those_of_the_plan),
		cmocka_unit_test(who_tries_what_only_an_intruder_does_ends),
		cmocka_unit_test(what_is_not_listed_does_not_exist),
		cmocka_unit_test(no_nameless_socket_of_others),
		cmocka_unit_test(what_the_daemon_needs_goes_on),
		cmocka_unit_test(all_threads_and_no_dump),
		cmocka_unit_test(the_walls_alone_let_no_program_start),
		cmocka_unit_test(root_is_root_no_longer) };
	return cmocka_run_group_tests_name("cage", tests, set_up, folder_tear_down);
}
