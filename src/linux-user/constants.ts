/** Numbers of the Linux/sparc64 user interface (Linux arch/sparc/include/uapi/asm). */

export const PAGE_BYTES = 8192n
export const PAGE_MASK = PAGE_BYTES - 1n

export const STACK_BIAS = 2047n
/** Room for the locals and ins of a window, at the biased stack pointer. */
export const WINDOW_SAVE_BYTES = 128n

export const PROT_NONE = 0
export const PROT_READ = 1
export const PROT_WRITE = 2
export const PROT_EXEC = 4
export const PROT_ALL = PROT_READ | PROT_WRITE | PROT_EXEC

export const MAP_SHARED = 0x01
export const MAP_PRIVATE = 0x02
export const MAP_TYPE = 0x0f
export const MAP_FIXED = 0x10
export const MAP_ANONYMOUS = 0x20
export const MAP_NORESERVE = 0x40
export const MAP_GROWSDOWN = 0x200
export const MAP_POPULATE = 0x8000
export const MAP_STACK = 0x20000
export const MAP_FIXED_NOREPLACE = 0x100000

export const MREMAP_MAYMOVE = 1
export const MREMAP_FIXED = 2
export const MREMAP_DONTUNMAP = 4

export const MADV_NORMAL = 0
export const MADV_WILLNEED = 3
export const MADV_DONTNEED = 4
export const MADV_FREE = 8

export const SIGNAL = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGEMT: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGBUS: 10,
  SIGSEGV: 11,
  SIGSYS: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGURG: 16,
  SIGSTOP: 17,
  SIGTSTP: 18,
  SIGCONT: 19,
  SIGCHLD: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGIO: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGPWR: 29,
  SIGUSR1: 30,
  SIGUSR2: 31,
} as const
export const SIGNALS = 64

export type SignalName = keyof typeof SIGNAL

export function signalName(number: number): string {
  for (const [name, value] of Object.entries(SIGNAL)) if (value === number) return name
  return number >= 32 && number <= SIGNALS ? `SIGRT_${number - 32}` : `signal ${number}`
}

export const SIG_DFL = 0n
export const SIG_IGN = 1n
export const SIG_BLOCK = 1
export const SIG_UNBLOCK = 2
export const SIG_SETMASK = 4

export const SA_ONSTACK = 0x1n
export const SA_RESTART = 0x2n
export const SA_RESETHAND = 0x4n
export const SA_NODEFER = 0x20n
export const SA_SIGINFO = 0x200n

export const SS_ONSTACK = 1
export const SS_DISABLE = 2
export const MINSIGSTKSZ = 4096n

/** si_code (Linux include/uapi/asm-generic/siginfo.h). */
export const SI_USER = 0
export const SI_KERNEL = 0x80
export const SI_TKILL = -6
/** si_code of a handler without SA_SIGINFO (Linux arch/sparc/include/uapi/asm/siginfo.h). */
export const SI_NOINFO = 32767
export const ILL_ILLOPC = 1
export const ILL_ILLTRP = 4
export const ILL_PRVOPC = 5
export const FPE_INTDIV = 1
export const FPE_FLTDIV = 3
export const FPE_FLTOVF = 4
export const FPE_FLTUND = 5
export const FPE_FLTRES = 6
export const FPE_FLTINV = 7
export const SEGV_MAPERR = 1
export const SEGV_ACCERR = 2
export const BUS_ADRALN = 1
export const BUS_ADRERR = 2
export const EMT_TAGOVF = 1
export const TRAP_BRKPT = 1

export const CLONE_VM = 0x100
export const CLONE_FS = 0x200
export const CLONE_FILES = 0x400
export const CLONE_SIGHAND = 0x800
export const CLONE_VFORK = 0x4000
export const CLONE_THREAD = 0x10000
export const CLONE_SETTLS = 0x80000
export const CLONE_PARENT_SETTID = 0x100000
export const CLONE_CHILD_CLEARTID = 0x200000
export const CLONE_CHILD_SETTID = 0x1000000

export const FUTEX_WAIT = 0
export const FUTEX_WAKE = 1
export const FUTEX_REQUEUE = 3
export const FUTEX_CMP_REQUEUE = 4
export const FUTEX_WAKE_OP = 5
export const FUTEX_WAIT_BITSET = 9
export const FUTEX_WAKE_BITSET = 10
export const FUTEX_COMMAND = 0x7f
export const FUTEX_PRIVATE_FLAG = 0x80
export const FUTEX_CLOCK_REALTIME = 0x100
export const FUTEX_BITSET_MATCH_ANY = 0xffffffff
export const FUTEX_WAITERS = 0x80000000
export const FUTEX_OWNER_DIED = 0x40000000
export const FUTEX_TID_MASK = 0x3fffffff

export const CLOCK_REALTIME = 0
export const CLOCK_MONOTONIC = 1
export const CLOCK_PROCESS_CPUTIME_ID = 2
export const CLOCK_THREAD_CPUTIME_ID = 3
export const CLOCK_MONOTONIC_RAW = 4
export const CLOCK_REALTIME_COARSE = 5
export const CLOCK_MONOTONIC_COARSE = 6
export const CLOCK_BOOTTIME = 7
export const TIMER_ABSTIME = 1

export const AT_FDCWD = -100
export const AT_EMPTY_PATH = 0x1000
export const O_ACCMODE = 3
export const O_RDONLY = 0
export const O_WRONLY = 1
export const O_RDWR = 2
export const O_APPEND = 0x8
export const O_CREAT = 0x200
export const O_TRUNC = 0x400
export const O_EXCL = 0x800
export const O_NONBLOCK = 0x4000
export const O_DIRECTORY = 0x10000
export const O_CLOEXEC = 0x400000

export const S_IFIFO = 0o010000
export const S_IFCHR = 0o020000
export const S_IFDIR = 0o040000
export const S_IFREG = 0o100000
export const S_IFMT = 0o170000

/** AT_HWCAP: flush, stbar, swap, muldiv, v9: an UltraSPARC I or II (Linux arch/sparc/include/asm/elf_64.h). */
export const HWCAP = 0x1fn

/** TSTATE fields (V9 5.2.6). */
export const TSTATE_CCR_SHIFT = 32n
export const TSTATE_XCARRY = 1n << 36n
export const TSTATE_ICARRY = 1n << 32n
export const TSTATE_CARRY = TSTATE_XCARRY | TSTATE_ICARRY
export const TSTATE_CCR = 0xffn << 32n
export const TSTATE_ASI = 0xffn << 24n
