import { host, note, setInterruptEnable, shim, step, type Yieldable } from '../kernel-shim'
import { type CallResult, ERESTARTNOHAND, ERESTARTNOINTR, ERESTARTSYS, fail } from './call-result'
import * as descriptors from './descriptor-calls'
import { sys_futex } from './futex-calls'
import * as memory from './memory-calls'
import { currentThread, hostSideOf, processOf } from './process'
import * as signals from './signal-calls'
import * as status from './status-calls'
import { systemCallName } from './system-call-names'
import * as information from './system-information-calls'
import * as threads from './thread-calls'
import * as time from './time-calls'
import * as transfers from './transfer-calls'
import { readUserRegisters, setCallResult, skipInstruction } from './user-registers'

/** A call's shim function takes up to six argument registers; undefined as its result leaves all registers alone. */
// biome-ignore lint/suspicious/noExplicitAny: each call takes as many of the six arguments as it has
type Call = (...args: any[]) => Yieldable<CallResult | undefined>

/** The system calls that there are: number, name, function (Linux arch/sparc/kernel/syscalls/syscall.tbl). */
export const SYSTEM_CALLS: readonly (readonly [number: number, name: string, call: Call])[] = [
  [1, 'exit', threads.sys_exit],
  [3, 'read', transfers.sys_read],
  [4, 'write', transfers.sys_write],
  [5, 'open', descriptors.sys_open],
  [6, 'close', descriptors.sys_close],
  [17, 'brk', memory.sys_brk],
  [19, 'lseek', descriptors.sys_lseek],
  [20, 'getpid', threads.sys_getpid],
  [24, 'getuid', information.sys_getuid],
  [28, 'sigaltstack', signals.sys_sigaltstack],
  [33, 'access', status.sys_access],
  [37, 'kill', signals.sys_kill],
  [38, 'stat', status.sys_stat],
  [40, 'lstat', status.sys_stat],
  [41, 'dup', descriptors.sys_dup],
  [47, 'getgid', information.sys_getuid],
  [49, 'geteuid', information.sys_getuid],
  [50, 'getegid', information.sys_getuid],
  [54, 'ioctl', descriptors.sys_ioctl],
  [58, 'readlink', status.sys_readlink],
  [60, 'umask', information.sys_umask],
  [62, 'fstat', status.sys_fstat],
  [63, 'fstat64', status.sys_fstat64],
  [65, 'msync', memory.sys_whole_range],
  [67, 'pread64', transfers.sys_pread64],
  [68, 'pwrite64', transfers.sys_pwrite64],
  [71, 'mmap', memory.sys_mmap],
  [73, 'munmap', memory.sys_munmap],
  [74, 'mprotect', memory.sys_mprotect],
  [75, 'madvise', memory.sys_madvise],
  [90, 'dup2', descriptors.sys_dup2],
  [92, 'fcntl', descriptors.sys_fcntl],
  [101, 'rt_sigreturn', signals.sys_rt_sigreturn],
  [102, 'rt_sigaction', signals.sys_rt_sigaction],
  [103, 'rt_sigprocmask', signals.sys_rt_sigprocmask],
  [104, 'rt_sigpending', signals.sys_rt_sigpending],
  [105, 'rt_sigtimedwait', signals.sys_rt_sigtimedwait],
  [107, 'rt_sigsuspend', signals.sys_rt_sigsuspend],
  [116, 'gettimeofday', time.sys_gettimeofday],
  [117, 'getrusage', information.sys_getrusage],
  [119, 'getcwd', status.sys_getcwd],
  [120, 'readv', transfers.sys_readv],
  [121, 'writev', transfers.sys_writev],
  [132, 'lstat64', status.sys_stat64],
  [139, 'stat64', status.sys_stat64],
  [142, 'futex', sys_futex],
  [143, 'gettid', threads.sys_gettid],
  [144, 'getrlimit', information.sys_getrlimit],
  [166, 'set_tid_address', threads.sys_set_tid_address],
  [187, 'tkill', signals.sys_tkill],
  [188, 'exit_group', threads.sys_exit_group],
  [189, 'uname', information.sys_uname],
  [197, 'getppid', threads.sys_getppid],
  [211, 'tgkill', signals.sys_tgkill],
  [217, 'clone', threads.sys_clone],
  [237, 'mlock', memory.sys_whole_range],
  [238, 'munlock', memory.sys_whole_range],
  [245, 'sched_yield', threads.sys_sched_yield],
  [249, 'nanosleep', time.sys_nanosleep],
  [250, 'mremap', memory.sys_mremap],
  [257, 'clock_gettime', time.sys_clock_gettime],
  [258, 'clock_getres', time.sys_clock_getres],
  [259, 'clock_nanosleep', time.sys_clock_nanosleep],
  [260, 'sched_getaffinity', threads.sys_sched_getaffinity],
  [284, 'openat', descriptors.sys_openat],
  [289, 'fstatat64', status.sys_fstatat64],
  [294, 'readlinkat', status.sys_readlinkat],
  [296, 'faccessat', status.sys_faccessat],
  [297, 'pselect6', information.sys_pselect6],
  [298, 'ppoll', information.sys_ppoll],
  [300, 'set_robust_list', threads.sys_set_robust_list],
  [308, 'getcpu', threads.sys_getcpu],
  [320, 'dup3', descriptors.sys_dup3],
  [331, 'prlimit64', information.sys_prlimit64],
  [347, 'getrandom', information.sys_getrandom],
  [360, 'statx', status.sys_statx],
]

const byNumber = new Map(SYSTEM_CALLS.map(([number, , call]) => [number, call]))

/** `ta 0x6d`: number in %g1, arguments in %o0 to %o5. */
export const do_syscall = shim('do_syscall', function* () {
  yield* setInterruptEnable(true)
  const { number, args } = yield* note('system call', ({ cpu }) => {
    const { globals, outs } = readUserRegisters(cpu)
    return { number: Number(BigInt.asUintN(32, globals[1])), args: outs.slice(0, 6) }
  })
  const call = byNumber.get(number)
  const result = call === undefined ? yield* sys_ni_syscall(number) : yield* call(...args)
  if (result !== undefined) yield* return_from_call(args[0], result)
})

const return_from_call = (firstArgument: bigint, result: CallResult) =>
  step('return from system call', false, (cx) => {
    skipInstruction(cx.cpu)
    const when = RESTARTS.get(result)
    if (when === undefined) setCallResult(cx.cpu, result)
    else currentThread(cx).restart = { firstArgument, when }
    return undefined
  })

const RESTARTS = new Map([
  [ERESTARTSYS, 'sa-restart'],
  [ERESTARTNOINTR, 'always'],
  [ERESTARTNOHAND, 'no-handler'],
] as const) as ReadonlyMap<bigint, 'sa-restart' | 'always' | 'no-handler'>

/** A call that there is not: ENOSYS, reported once for each number. */
const sys_ni_syscall = shim('sys_ni_syscall', function* (number: number) {
  return yield* host('sys_ni_syscall', ({ kernel }) => {
    const { reported } = processOf(kernel)
    if (!reported.includes(number)) {
      reported.push(number)
      const name = systemCallName(number)
      hostSideOf(kernel).report(
        `system call ${number}${name === undefined ? '' : ` (${name})`} is not supported: ENOSYS`,
      )
    }
    return fail('ENOSYS')
  })
})
