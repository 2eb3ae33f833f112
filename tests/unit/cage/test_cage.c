/* The cage: each forbidden thing is tried by a process of its own that is caged as the daemon is. */
#include "tests/unit/cage/caged.h"

#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

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

/* The walls alone, as the helper that makes prompts has them. */
static int as_helper(int (*attempt)(void))
{
	int status = 0;
	pid_t child = fork();

	if (!child) {
		struct cage_plan own = plan();
		char error[300];
		own.helper = "made";
		if (cage_walls(&own, error, sizeof error))
			_exit(NOT_CAGED);
		_exit(attempt());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int make_in(const char *where)
{
	char path[160];
	return failed(open(within(where, "new", path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int make_in_its_folder(void)
{
	char path[160];
	return make_in(within(data, "made", path));
}

static int make_beside_it(void)
{
	return make_in(data);
}

static int make_through_a_link(void)
{
	char path[160];
	return failed(open(within(data, "made/link", path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

ATTEMPT(read_shared, open(shared, O_RDONLY | O_CLOEXEC))
ATTEMPT(read_outside_it, open(outside, O_RDONLY | O_CLOEXEC))

static int run_own(void) /* what is not the system's */
{
	static char name[] = "own";
	char *const argv[] = { name, NULL }, *const none[] = { NULL };
	return failed(execve(outside, argv, none));
}

static void a_helper_starts_programs_and_writes_in_one_folder(void **state)
{
	char link[160], made[160];
	struct stat about;
	(void)state;

	if (!landlock())
		skip();
	assert_int_equal(as_helper(make_in_its_folder), GOOD);
	assert_int_equal(chmod(outside, 0700), 0);
	assert_int_equal(symlink(outside, within(data, "made/link", link)), 0);
	assert_int_equal(as_helper(make_through_a_link), EACCES);
	assert_int_equal(as_helper(make_beside_it), EACCES);
	assert_int_equal(as_helper(read_shared), GOOD);
	assert_int_equal(as_helper(read_outside_it), EACCES);
	assert_int_equal(as_helper(start_program), GOOD); /* it is `true` */
	assert_int_equal(as_helper(run_own), EACCES);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(chmod(outside, 0600), 0);
	if (geteuid() != 0)
		return;
	assert_int_equal(chown(data, 65534, 65534), 0); /* of another: it is root no longer */
	assert_int_equal(chown(within(data, "made", made), 65534, 65534), 0);
	assert_int_equal(unlink(within(data, "made/new", link)), 0);
	assert_int_equal(chmod(folder, 0711), 0);
	assert_int_equal(as_helper(make_in_its_folder), GOOD);
	assert_int_equal(stat(link, &about), 0);
	assert_int_equal(about.st_uid, 65534);
	assert_int_equal(chown(data, 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(no_file_but_those_of_the_plan),
		cmocka_unit_test(who_tries_what_only_an_intruder_does_ends),
		cmocka_unit_test(what_is_not_listed_does_not_exist),
		cmocka_unit_test(a_helper_starts_programs_and_writes_in_one_folder),
		cmocka_unit_test(no_nameless_socket_of_others) };
	return cmocka_run_group_tests_name("cage", tests, set_up, folder_tear_down);
}
