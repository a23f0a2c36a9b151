// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/tracer.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <map>
#include <set>

namespace hone::crash {
namespace {

constexpr unsigned seconds_for_a_command = 60;

// A memory file that a child writes its standard output or standard error to.
struct Sink {
  int fd = ::memfd_create("output", MFD_CLOEXEC);
  ~Sink() { ::close(fd); }
  std::string text() const {
    std::string s(static_cast<std::size_t>(::lseek(fd, 0, SEEK_END)), '\0');
    const ssize_t n = ::pread(fd, s.data(), s.size(), 0);
    s.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    return s;
  }
};

[[noreturn]] void execute(const std::vector<std::string>& argv, const Sink& out, const Sink& err) {
  ::dup2(::open("/dev/null", O_RDONLY), 0);
  ::dup2(out.fd, 1);
  ::dup2(err.fd, 2);
  std::vector<char*> pointers;
  for (const std::string& a : argv) pointers.push_back(const_cast<char*>(a.c_str()));
  pointers.push_back(nullptr);
  ::execv(pointers[0], pointers.data());
  ::_exit(127);
}

int status_of(int wait_status) { return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -WTERMSIG(wait_status); }

}  // namespace

Outcome run(const std::vector<std::string>& argv) {
  const Sink out, err;
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(seconds_for_a_command);
    execute(argv, out, err);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return {.status = status_of(status), .killed = false, .out = out.text(), .err = err.text(), .problem = {}};
}

#if defined(__x86_64__)
namespace {

// Calls that change no file. openat, mmap and ioctl are let through by their arguments, in the filter.
constexpr int harmless[] = {
    SYS_read, SYS_pread64, SYS_readv, SYS_preadv, SYS_close, SYS_stat, SYS_fstat, SYS_lstat, SYS_newfstatat, SYS_statx, SYS_access, SYS_faccessat, SYS_faccessat2, SYS_lseek,
    SYS_getdents64, SYS_fcntl, SYS_flock, SYS_readlink, SYS_readlinkat, SYS_statfs, SYS_fstatfs, SYS_getcwd, SYS_umask, SYS_fadvise64, SYS_readahead,
    SYS_brk, SYS_mprotect, SYS_munmap, SYS_mremap, SYS_madvise, SYS_mlock, SYS_mlock2, SYS_munlock, SYS_mlockall, SYS_munlockall, SYS_mincore, SYS_memfd_create,
    SYS_futex, SYS_sched_yield, SYS_sched_getaffinity, SYS_sched_setaffinity, SYS_getcpu, SYS_clone, SYS_clone3, SYS_fork, SYS_vfork, SYS_execve, SYS_exit, SYS_exit_group,
    SYS_set_tid_address, SYS_set_robust_list, SYS_rseq, SYS_arch_prctl, SYS_prctl, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigtimedwait, SYS_sigaltstack,
    SYS_wait4, SYS_waitid, SYS_kill, SYS_tgkill, SYS_alarm, SYS_setitimer, SYS_nanosleep, SYS_clock_nanosleep, SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_time,
    SYS_restart_syscall, SYS_getrusage, SYS_times, SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getpgrp, SYS_setpgid, SYS_setsid,
    SYS_uname, SYS_sysinfo, SYS_getrandom, SYS_prlimit64, SYS_getrlimit, SYS_setrlimit, SYS_setpriority, SYS_getpriority, SYS_pipe, SYS_pipe2, SYS_dup, SYS_dup2, SYS_dup3, SYS_poll,
    SYS_ppoll, SYS_select, SYS_pselect6, SYS_eventfd2, SYS_membarrier,
};

std::vector<sock_filter> filter() {
  using Filter = std::vector<sock_filter>;
  const auto load = [](std::size_t offset) { return sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset)); };
  const sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW), stop = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
  // if (nr == number && (argument & mask) == 0) allow
  const auto unless = [&](Filter& f, int number, std::size_t argument, unsigned mask) {
    f.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(number), 0, 4));
    f.push_back(load(offsetof(seccomp_data, args) + 8 * argument));
    f.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, mask, 1, 0));
    f.push_back(allow);
    f.push_back(stop);
  };
  Filter f{load(offsetof(seccomp_data, arch)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0), stop, load(offsetof(seccomp_data, nr))};
  unless(f, SYS_openat, 2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC);
  unless(f, SYS_mmap, 3, MAP_SHARED);
  unless(f, SYS_ioctl, 1, ~0x54ffU);  // the terminal's requests; there are others that clone or resize files
  for (const int number : harmless) {
    f.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(number), 0, 1));
    f.push_back(allow);
  }
  f.push_back(stop);
  return f;
}

struct Registers {
  user_regs_struct r{};
  explicit Registers(pid_t pid) { ::ptrace(PTRACE_GETREGS, pid, nullptr, &r); }
  unsigned long argument(int i) const { return std::array{r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9}[static_cast<std::size_t>(i)]; }
  long number() const { return static_cast<long>(r.orig_rax); }
  long result() const { return static_cast<long>(r.rax); }
  void store(pid_t pid) { ::ptrace(PTRACE_SETREGS, pid, nullptr, &r); }
};

// What a stopped process has in memory and in its descriptors.
class Tracee {
 public:
  explicit Tracee(pid_t pid) : pid_(pid), proc_(format("/proc/{}", pid)) {}
  std::vector<std::byte> memory(unsigned long address, std::size_t count) const {
    std::vector<std::byte> bytes(count);
    const int fd = ::open((proc_ / "mem").c_str(), O_RDONLY | O_CLOEXEC);
    const ssize_t n = ::pread(fd, bytes.data(), count, static_cast<off_t>(address));
    ::close(fd);
    bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    return bytes;
  }
  std::string text(unsigned long address) const {
    const auto bytes = memory(address, 4096);
    const std::string_view s = as_text(bytes);
    return std::string(s.substr(0, s.find('\0')));
  }
  Path descriptor(unsigned long fd) const {
    std::error_code gone;
    return std::filesystem::read_symlink(proc_ / "fd" / fmt::to_string(static_cast<int>(fd)), gone);
  }
  std::uint64_t position(unsigned long fd) const {
    const auto info = read_file(proc_ / "fdinfo" / fmt::to_string(static_cast<int>(fd)));
    unsigned long long at = 0;
    return info && std::sscanf(std::string(as_text(*info)).c_str(), "pos: %llu", &at) == 1 ? at : 0;
  }
  // As the kernel would follow it, but for the last component.
  Path path(unsigned long folder, unsigned long address) const {
    Path p = text(address);
    std::error_code gone;
    if (p.is_relative()) p = (static_cast<int>(folder) == AT_FDCWD ? std::filesystem::read_symlink(proc_ / "cwd", gone) : descriptor(folder)) / p;
    if (!p.has_filename()) p = p.parent_path();
    return std::filesystem::weakly_canonical(p.parent_path(), gone) / p.filename();
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
  Path proc_;
};

// The call that a process is about to make; nothing when it changes no file; a problem when it is not known.
struct Decoded {
  std::optional<Call> call;
  std::string problem;
};

Decoded decode(const Tracee& t, const Registers& r) {
  using Kind = Call::Kind;
  constexpr auto here = static_cast<unsigned long>(AT_FDCWD);
  const auto a = [&](int i) { return r.argument(i); };
  const auto known = [](Kind kind, const char* name, Path path, Path target = {}) { return Decoded{Call{.kind = kind, .name = name, .path = std::move(path), .target = std::move(target), .bytes = {}}, {}}; };
  const auto open = [&](const char* name, Path path, unsigned long flags) {
    if ((flags & O_TMPFILE) == O_TMPFILE) return Decoded{{}, "O_TMPFILE is not modelled"};
    Decoded d = known(Kind::create, name, std::move(path));
    d.call->truncates = flags & O_TRUNC;
    return d;
  };
  const auto write = [&](const char* name, std::uint64_t offset) {
    Decoded d = known(Kind::write, name, t.descriptor(a(0)));
    if (!d.call->path.native().starts_with('/') || d.call->path.native().starts_with("/memfd:")) return Decoded{};  // a pipe, a socket, our own output
    d.call->offset = offset;
    d.call->bytes = t.memory(a(1), a(2));
    return d;
  };
  const auto resize = [&](const char* name, std::uint64_t size) {
    Decoded d = known(Kind::resize, name, t.descriptor(a(0)));
    d.call->offset = size;
    return d;
  };
  switch (r.number()) {
    case SYS_openat: return open("openat", t.path(a(0), a(1)), a(2));
    case SYS_open: return open("open", t.path(here, a(0)), a(1));
    case SYS_creat: return open("creat", t.path(here, a(0)), O_TRUNC);
    case SYS_write: return write("write", t.position(a(0)));
    case SYS_pwrite64: return write("pwrite64", a(3));
    case SYS_ftruncate: return resize("ftruncate", a(1));
    case SYS_fsync: return known(Kind::sync, "fsync", t.descriptor(a(0)));
    case SYS_fdatasync: return known(Kind::sync, "fdatasync", t.descriptor(a(0)));
    case SYS_rename: return known(Kind::rename, "rename", t.path(here, a(0)), t.path(here, a(1)));
    case SYS_renameat: return known(Kind::rename, "renameat", t.path(a(0), a(1)), t.path(a(2), a(3)));
    case SYS_renameat2: return a(4) != 0 ? Decoded{{}, "renameat2 with flags is not modelled"} : known(Kind::rename, "renameat2", t.path(a(0), a(1)), t.path(a(2), a(3)));
    case SYS_unlink: return known(Kind::remove, "unlink", t.path(here, a(0)));
    case SYS_unlinkat: return known(Kind::remove, "unlinkat", t.path(a(0), a(1)));
    case SYS_rmdir: return known(Kind::remove, "rmdir", t.path(here, a(0)));
    case SYS_mkdir: return known(Kind::make_directory, "mkdir", t.path(here, a(0)));
    case SYS_mkdirat: return known(Kind::make_directory, "mkdirat", t.path(a(0), a(1)));
    case SYS_fchmod: return known(Kind::metadata, "fchmod", t.descriptor(a(0)));
    case SYS_mmap: return a(2) & PROT_WRITE && static_cast<int>(a(4)) >= 0 ? Decoded{{}, "a file mapped shared and writable: what reaches the disk is not seen"} : Decoded{};
    default: return {{}, format("system call {}: may change files, and is not known to the crash test", r.number())};
  }
}

class Tracer {
 public:
  explicit Tracer(const Watch& watch) : watch_(watch) {}
  Outcome run(const std::vector<std::string>& argv);

 private:
  void resume(pid_t pid, bool to_exit, int signal = 0) { ::ptrace(to_exit ? PTRACE_SYSCALL : PTRACE_CONT, pid, nullptr, signal); }
  void kill_all();
  void stopped(pid_t pid, int status);
  void entering(pid_t pid);
  void leaving(pid_t pid);
  void obey(pid_t pid, Call call, const Order&);

  const Watch& watch_;
  std::set<pid_t> alive_, fresh_;   // fresh: not yet stopped for the first time
  struct Pending {
    Call call;
    bool kill;
  };
  std::map<pid_t, Pending> pending_;  // between entry and exit
  Outcome outcome_;
};

void Tracer::kill_all() {
  outcome_.killed = true;
  for (const pid_t pid : alive_) ::kill(pid, SIGKILL);
}

void Tracer::obey(pid_t pid, Call call, const Order& order) {
  using Deed = Order::Deed;
  if (order.deed == Deed::kill_before) return kill_all();
  Registers r(pid);
  if (order.deed == Deed::fail) {  // no call at all, and the answer in its place
    r.r.orig_rax = static_cast<unsigned long long>(-1);
    r.r.rax = static_cast<unsigned long long>(-order.error);
    r.store(pid);
    watch_.after(call, -order.error);
    return resume(pid, false);
  }
  if (order.deed == Deed::shorten && call.bytes.size() > 1) {
    call.bytes.resize(call.bytes.size() / 2);
    r.r.rdx = call.bytes.size();
    r.store(pid);
  }
  pending_.insert_or_assign(pid, Pending{std::move(call), order.deed == Deed::kill_after});
  resume(pid, true);
}

void Tracer::entering(pid_t pid) {
  Decoded d = decode(Tracee(pid), Registers(pid));
  if (d.call) {
    for (const Path& p : {d.call->path, d.call->target})
      if (!p.empty() && p != watch_.root && !p.native().starts_with(watch_.root.native() + "/")) d.problem = format("{}: {} is outside of the store", d.call->name, p.string());
  }
  if (!d.problem.empty()) {
    outcome_.problem = d.problem;
    return kill_all();
  }
  if (!d.call) return resume(pid, false);
  const Order order = watch_.before(*d.call);
  obey(pid, std::move(*d.call), order);
}

void Tracer::leaving(pid_t pid) {
  const auto it = pending_.find(pid);
  if (it == pending_.end()) return resume(pid, false);
  const Pending p = std::move(it->second);
  pending_.erase(it);
  watch_.after(p.call, Registers(pid).result());
  p.kill ? kill_all() : resume(pid, false);
}

void Tracer::stopped(pid_t pid, int status) {
  const int event = status >> 16, signal = WSTOPSIG(status);
  if (event == PTRACE_EVENT_SECCOMP) return entering(pid);
  if (signal == (SIGTRAP | 0x80)) return leaving(pid);
  if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
    unsigned long child = 0;
    ::ptrace(PTRACE_GETEVENTMSG, pid, nullptr, &child);
    alive_.insert(static_cast<pid_t>(child));
    fresh_.insert(static_cast<pid_t>(child));
    return resume(pid, false);
  }
  if (event != 0) return resume(pid, false);
  const bool first = signal == SIGSTOP && (fresh_.erase(pid) > 0 || alive_.insert(pid).second);
  resume(pid, false, first ? 0 : signal);
}

Outcome Tracer::run(const std::vector<std::string>& argv) {
  const Sink out, err;
  std::vector<sock_filter> program = filter();
  const pid_t child = ::fork();
  if (child == 0) {
    const sock_fprog code{static_cast<unsigned short>(program.size()), program.data()};
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) ::_exit(126);
    ::raise(SIGSTOP);
    if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &code) != 0) ::_exit(126);
    execute(argv, out, err);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFSTOPPED(status)) return {.status = status_of(status), .killed = false, .out = {}, .err = {}, .problem = "cannot trace"};
  constexpr long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC;
  ::ptrace(PTRACE_SETOPTIONS, child, nullptr, options);
  alive_.insert(child);
  resume(child, false);
  while (!alive_.empty()) {
    const pid_t pid = ::waitpid(-1, &status, __WALL);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) break;
    if (WIFSTOPPED(status)) {
      stopped(pid, status);
      continue;
    }
    alive_.erase(pid);
    if (pid == child) outcome_.status = status_of(status);
  }
  if (outcome_.killed) outcome_.status = -1;
  outcome_.out = out.text();
  outcome_.err = err.text();
  return std::move(outcome_);
}

}  // namespace

Outcome trace(const std::vector<std::string>& argv, const Watch& watch) { return Tracer(watch).run(argv); }

std::optional<std::string> cannot_trace() {
  Watch watch;
  watch.root = "/";
  const Outcome o = trace({"/bin/true"}, watch);
  if (o.status == 0 && o.problem.empty()) return std::nullopt;
  return format("needs ptrace and seccomp, which this machine does not permit (status {}{}{})", o.status, o.problem.empty() ? "" : ": ", o.problem);
}

#else

Outcome trace(const std::vector<std::string>& argv, const Watch&) { return run(argv); }
std::optional<std::string> cannot_trace() { return "needs x86-64: the registers of other CPUs are not known to the tracer"; }

#endif

}  // namespace hone::crash
