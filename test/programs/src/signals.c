#define _GNU_SOURCE
#include "check.h"
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE 8192

static volatile sig_atomic_t handled, last_signal, depth, deepest;
static volatile int code_seen;
static void *volatile address_seen;
static sigjmp_buf recover;
static char alternate_stack[65536];
static volatile int on_alternate_stack;
static pthread_t main_thread, peer;
static volatile int handled_by_peer;

static void count(int signal) {
  handled++;
  last_signal = signal;
}

static long recursive(int n) { return n ? recursive(n - 1) + n : 0; }

static void nested(int signal) {
  depth++;
  if (depth > deepest) deepest = depth;
  CHECK(recursive(30) == 465);
  if (signal == SIGUSR1 && depth == 1) raise(SIGUSR2);
  handled++;
  depth--;
}

static void fault(int signal, siginfo_t *info, void *context) {
  (void)context;
  last_signal = signal;
  code_seen = info->si_code;
  address_seen = info->si_addr;
  siglongjmp(recover, 1);
}

static void where(int signal) {
  char local;
  on_alternate_stack = &local >= alternate_stack && &local < alternate_stack + sizeof alternate_stack;
  count(signal);
}

static void by_thread(int signal) {
  (void)signal;
  handled_by_peer = pthread_equal(pthread_self(), peer);
}

static void install(int signal, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigemptyset(&action.sa_mask);
  CHECK(sigaction(signal, &action, NULL) == 0);
}

static void install_fault(int signal) {
  struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO};
  sigemptyset(&action.sa_mask);
  CHECK(sigaction(signal, &action, NULL) == 0);
}

static void delivery(void) {
  install(SIGUSR1, count, 0);
  for (int i = 0; i < 10; i++) CHECK(raise(SIGUSR1) == 0);
  printf("raise: %d handled, signal is SIGUSR1: %d\n", handled, last_signal == SIGUSR1);
  CHECK(kill(getpid(), SIGUSR1) == 0);
  CHECK(syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1) == 0);
  printf("kill and tgkill: %d handled\n", handled);

  sigset_t set, old, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  CHECK(sigprocmask(SIG_BLOCK, &set, &old) == 0);
  CHECK(!sigismember(&old, SIGUSR1));
  raise(SIGUSR1);
  raise(SIGUSR1);
  CHECK(handled == 12);
  CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1));
  CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0);
  printf("blocked twice, delivered %d time\n", handled - 12);

  struct sigaction action;
  install(SIGUSR2, count, SA_RESETHAND);
  raise(SIGUSR2);
  CHECK(sigaction(SIGUSR2, NULL, &action) == 0);
  printf("reset to default: %d\n", action.sa_handler == SIG_DFL);
  signal(SIGUSR2, SIG_IGN);
  raise(SIGUSR2);
  CHECK(handled == 14);

  handled = 0;
  install(SIGUSR1, nested, 0);
  install(SIGUSR2, nested, 0);
  raise(SIGUSR1);
  printf("nested: %d handled, %d deep\n", handled, deepest);

  stack_t stack = {.ss_sp = alternate_stack, .ss_size = sizeof alternate_stack};
  CHECK(sigaltstack(&stack, NULL) == 0);
  install(SIGUSR1, where, SA_ONSTACK);
  raise(SIGUSR1);
  printf("on the alternate stack: %d\n", on_alternate_stack);
  errno = 0;
  printf("sigaction(SIGKILL): %d, EINVAL: %d\n", sigaction(SIGKILL, &(struct sigaction){.sa_handler = count}, NULL), errno == EINVAL);
}

/* Registers of every class must survive a signal that arrives between two instructions of a loop. */
static void registers(void) {
  install(SIGUSR1, nested, 0);
  install(SIGUSR2, nested, 0);
  double x = 1.0;
  unsigned long a = 1, b = 2, c = 3;
  pid_t pid = getpid(), tid = gettid();
  for (int i = 0; i < 50; i++) {
    x = x * 1.5 - a % 7;
    a = a * 3 + b;
    b ^= c << 3;
    c += a >> 5;
    CHECK(syscall(SYS_tgkill, pid, tid, SIGUSR1) == 0);
  }
  printf("registers %016lx %016lx %016lx %a\n", a, b, c, x);
}

static void faults(void) {
  install_fault(SIGSEGV);
  char *page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(page != MAP_FAILED);
  CHECK(munmap(page + PAGE, PAGE) == 0);
  if (sigsetjmp(recover, 1) == 0) {
    page[PAGE + 16] = 1;
    CHECK(!"unmapped write succeeded");
  }
  printf("unmapped write: SIGSEGV %d, MAPERR %d, address %d\n", last_signal == SIGSEGV, code_seen == SEGV_MAPERR,
         address_seen == page + PAGE + 16);
  page[24] = 9;
  CHECK(mprotect(page, PAGE, PROT_READ) == 0);
  if (sigsetjmp(recover, 1) == 0) {
    *(volatile char *)(page + 24) = 10;
    CHECK(!"protected write succeeded");
  }
  printf("protected write: ACCERR %d, address %d, value %d\n", code_seen == SEGV_ACCERR, address_seen == page + 24, page[24]);
  CHECK(mprotect(page, PAGE, PROT_NONE) == 0);
  volatile int value = 0;
  if (sigsetjmp(recover, 1) == 0) {
    value = page[24];
    CHECK(!"read succeeded");
  }
  printf("forbidden read: ACCERR %d, value %d\n", code_seen == SEGV_ACCERR, value);
  CHECK(mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0);
  CHECK(page[24] == 9);

  if (sigsetjmp(recover, 1) == 0) {
    ((void (*)(void))(unsigned long)(page + PAGE))();
    CHECK(!"jump succeeded");
  }
  printf("jump to nowhere: SIGSEGV %d, address %d\n", last_signal == SIGSEGV, address_seen == page + PAGE);
  sigset_t mask;
  CHECK(sigprocmask(SIG_BLOCK, NULL, &mask) == 0 && !sigismember(&mask, SIGSEGV));
}

static void *wait_for_signal(void *unused) {
  (void)unused;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  CHECK(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
  CHECK(pthread_kill(main_thread, 0) == 0);
  int signal;
  CHECK(sigwait(&set, &signal) == 0);
  while (!handled_by_peer) sched_yield();
  return (void *)(long)(signal == SIGUSR2);
}

static void between_threads(void) {
  main_thread = pthread_self();
  install(SIGUSR1, by_thread, SA_RESTART);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  CHECK(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
  CHECK(pthread_create(&peer, NULL, wait_for_signal, NULL) == 0);
  CHECK(pthread_kill(peer, SIGUSR2) == 0);
  CHECK(pthread_kill(peer, SIGUSR1) == 0);
  void *result;
  CHECK(pthread_join(peer, &result) == 0);
  printf("pthread_kill: peer's handler %d, sigwait %ld\n", handled_by_peer, (long)result);
}

int main(void) {
  delivery();
  registers();
  faults();
  between_threads();
  return 0;
}
