/* System calls. The lists are what this program and its libraries need once everything listens: read in
 * their sources, with what the C library may choose between, and tried by every scenario test. */
#include "cage/private.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALL(name) SCMP_SYS(name)

static const int allowed[] = {
	/* files */
	CALL(read), CALL(readv), CALL(pread64), CALL(preadv), CALL(preadv2), CALL(write), CALL(writev),
	CALL(pwrite64), CALL(pwritev), CALL(pwritev2), CALL(close), CALL(lseek), CALL(open), CALL(openat),
	CALL(stat), CALL(fstat), CALL(lstat), CALL(newfstatat), CALL(statx), CALL(fstatfs), CALL(access),
	CALL(faccessat), CALL(faccessat2), CALL(fsync), CALL(fdatasync), CALL(ftruncate), CALL(fallocate),
	CALL(fadvise64), CALL(flock), CALL(fcntl), CALL(rename), CALL(renameat), CALL(renameat2),
	CALL(unlink), CALL(unlinkat), CALL(mkdir), CALL(mkdirat), CALL(rmdir), CALL(getdents64),
	CALL(readlink), CALL(readlinkat), CALL(fchmod), CALL(fchown), CALL(utimensat), CALL(getcwd),
	CALL(umask), CALL(dup), CALL(dup2), CALL(dup3), CALL(pipe), CALL(pipe2),
	/* waiting */
	CALL(poll), CALL(ppoll), CALL(select), CALL(pselect6), CALL(epoll_create), CALL(epoll_create1),
	CALL(epoll_ctl), CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_pwait2), CALL(eventfd2),
	CALL(timerfd_create), CALL(timerfd_settime), CALL(timerfd_gettime), CALL(nanosleep),
	CALL(clock_nanosleep), CALL(restart_syscall),
	/* the network; no listen: whoever may be called listens already */
	CALL(connect), CALL(accept), CALL(accept4), CALL(bind), CALL(getsockname), CALL(getpeername),
	CALL(getsockopt), CALL(setsockopt), CALL(sendto), CALL(sendmsg), CALL(sendmmsg), CALL(recvfrom),
	CALL(recvmsg), CALL(recvmmsg), CALL(shutdown),
	/* memory; executable too: the rules are compiled to machine code */
	CALL(mmap), CALL(munmap), CALL(mremap), CALL(mprotect), CALL(madvise), CALL(brk), CALL(msync),
	CALL(mlock), CALL(mlock2), CALL(munlock), CALL(membarrier),
	/* threads, signals, time, chance */
	CALL(futex), CALL(set_robust_list), CALL(get_robust_list), CALL(rseq), CALL(sched_yield),
	CALL(sched_getaffinity), CALL(getcpu), CALL(gettid), CALL(getpid), CALL(getppid), CALL(exit),
	CALL(exit_group), CALL(wait4), CALL(waitid), CALL(rt_sigaction), CALL(rt_sigprocmask),
	CALL(rt_sigreturn), CALL(rt_sigsuspend), CALL(rt_sigtimedwait), CALL(rt_sigpending),
	CALL(sigaltstack), CALL(clock_gettime), CALL(clock_getres), CALL(gettimeofday), CALL(time),
	CALL(getrandom), CALL(uname), CALL(sysinfo), CALL(getuid), CALL(geteuid), CALL(getgid),
	CALL(getegid), CALL(getrusage), CALL(getrlimit), CALL(times), CALL(capget)
};

/* Nothing here ever calls one of these: whoever does has broken in. */
static const int deadly[] = { CALL(execve), CALL(execveat), CALL(fork), CALL(vfork), CALL(ptrace),
	CALL(process_vm_readv), CALL(process_vm_writev), CALL(pidfd_getfd), CALL(kcmp), CALL(mount),
	CALL(umount2), CALL(pivot_root), CALL(chroot), CALL(move_mount), CALL(open_tree), CALL(fsopen),
	CALL(fsmount), CALL(mount_setattr), CALL(unshare), CALL(setns), CALL(init_module),
	CALL(finit_module), CALL(delete_module), CALL(kexec_load), CALL(kexec_file_load), CALL(reboot),
	CALL(swapon), CALL(swapoff), CALL(bpf), CALL(perf_event_open), CALL(userfaultfd),
	CALL(io_uring_setup), CALL(io_uring_enter), CALL(io_uring_register), CALL(add_key),
	CALL(request_key), CALL(keyctl), CALL(open_by_handle_at), CALL(personality), CALL(acct),
	CALL(settimeofday), CALL(clock_settime), CALL(iopl), CALL(ioperm), CALL(modify_ldt), CALL(setuid),
	CALL(setgid), CALL(setreuid), CALL(setregid), CALL(setresuid), CALL(setresgid), CALL(setgroups),
	CALL(capset), CALL(syslog), CALL(vhangup), CALL(quotactl), CALL(mknod), CALL(mknodat) };

/* What the sanitizers' own runtime calls: for their look at every thread when the process ends. */
static const int sanitizers[] = { CALL(ptrace), CALL(clone), CALL(kill), CALL(tgkill), CALL(prctl),
	CALL(getdents), CALL(prlimit64), CALL(personality), CALL(sched_setaffinity), CALL(setrlimit) };

static int add(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
	int code = 0;
	for (size_t i = 0; i < count && !code; i++)
		code = seccomp_rule_add(filter, action, calls[i], 0);
	return code;
}

/* An allowed call of which one argument has one of the values, under a mask. */
static int add_values(scmp_filter_ctx filter, int call, unsigned argument, uint64_t mask,
	const uint64_t *values, size_t count)
{
	int code = 0;
	for (size_t i = 0; i < count && !code; i++)
		code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
			SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, mask, values[i]));
	return code;
}

static int add_sockets(scmp_filter_ctx filter)
{
	static const uint64_t families[] = { AF_UNIX, AF_INET, AF_INET6 };
	uint64_t whole = UINT32_MAX;
	int code = 0;

	/* The int arguments of a call: what stands in the upper half says nothing. */
	for (size_t i = 0; i < 3 && !code; i++)
		for (uint64_t type = SOCK_STREAM; type <= SOCK_DGRAM && !code; type++)
			code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(socket), 2,
				SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, whole, families[i]),
				SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, 0xf, type));
	if (!code) /* the addresses of this machine: getaddrinfo asks the kernel */
		code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(socket), 2,
			SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, whole, AF_NETLINK),
			SCMP_CMP64(2, SCMP_CMP_MASKED_EQ, whole, NETLINK_ROUTE));
	return code ? code : add_values(filter, CALL(socketpair), 0, whole, families, 1);
}

static int add_narrow(scmp_filter_ctx filter)
{
	/* PR_SET_VMA, younger than the headers, names anonymous memory */
	static const uint64_t names[] = { PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, 0x53564d41 };
	static const uint64_t controls[] = { FIONBIO, FIONREAD, TCGETS, TIOCGWINSZ, SIOCGIFINDEX };
	static const uint64_t thread[] = { CLONE_VM | CLONE_SIGHAND | CLONE_THREAD };
	uint64_t own[] = { (uint64_t)getpid() }, none[] = { 0 };
	int code = add_sockets(filter);

	if (!code)
		code = add_values(filter, CALL(prctl), 0, UINT32_MAX, names, 4);
	if (!code)
		code = add_values(filter, CALL(ioctl), 1, UINT32_MAX, controls, 5);
	if (!code) /* abort(), and nobody else's end */
		code = add_values(filter, CALL(tgkill), 0, UINT32_MAX, own, 1);
	if (!code) /* limits are read, not set */
		code = add_values(filter, CALL(prlimit64), 2, UINT64_MAX, none, 1);
	/* A thread, never a process. Of clone3 the flags are out of sight: it does not exist. */
	return code ? code : add_values(filter, CALL(clone), 0, thread[0], thread, 1);
}

int calls_wall(const struct cage_plan *plan)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int code;

	if (!filter)
		return ENOMEM;
	code = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!code)
		code = add(filter, SCMP_ACT_ALLOW, allowed, sizeof allowed / sizeof *allowed);
	if (!code)
		code = add_narrow(filter);
	if (!code && plan->sanitizer)
		code = add(filter, SCMP_ACT_ALLOW, sanitizers, sizeof sanitizers / sizeof *sanitizers);
	for (size_t i = 0; i < sizeof deadly / sizeof *deadly && !code; i++)
		if (!plan->sanitizer || (deadly[i] != CALL(ptrace) && deadly[i] != CALL(personality)))
			code = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, deadly[i], 0);
	if (!code)
		code = seccomp_load(filter);
	seccomp_release(filter);
	return -code;
}
