/** What build.ts builds and runs. `manifest.json` is this list with what was measured. */

export interface ProgramCase {
  args: string[]
  /** Status that a sparc64 Linux shell would show: 128 + signal when a signal ends it. */
  exit: number
  /** Millions of guest instructions, roughly. */
  millions: number
  /** Why qemu-sparc64 7.2 does not do what Linux does; then `stdout` says what Linux does. */
  qemuDiffers?: string
  stdout?: string
}

export interface ProgramSource {
  name: string
  source: string
  description: string
  /** Most threads that run at the same time. */
  threads: number
  /** The linker's own page size of 1 MB instead of 8 KB. */
  widePages?: boolean
  cases: ProgramCase[]
}

const once = (millions: number, ...args: string[]): ProgramCase[] => [{ args, exit: 0, millions }]

const end = (way: string, exit: number, rest: Partial<ProgramCase> = {}): ProgramCase => ({
  args: [way],
  exit,
  millions: 0.04,
  ...rest,
})

const NO_DIVISION_TRAP = 'it stops at division_by_zero'

const SIGILL = 128 + 4
const SIGABRT = 128 + 6
const SIGFPE = 128 + 8
const SIGBUS = 128 + 10
const SIGSEGV = 128 + 11

export const PROGRAMS: ProgramSource[] = [
  {
    name: 'write-exit',
    source: 'write-exit.s',
    description: 'one write and one exit, no library',
    threads: 1,
    cases: once(0.001),
  },
  {
    name: 'condition-codes',
    source: 'condition-codes.s',
    description: 'results and %ccr of the instructions that set icc and xcc, for 256 pairs of operands',
    threads: 1,
    cases: once(0.16),
  },
  {
    name: 'branches',
    source: 'branches.s',
    description: 'Bicc, BPcc, BPr, FBfcc, FBPfcc, MOVcc, MOVr for every value they test, annulled or not; call, jmpl, return',
    threads: 1,
    cases: once(0.18),
  },
  {
    name: 'multiply-divide',
    source: 'multiply-divide.s',
    description: 'umul, smul, udiv, sdiv and their cc forms, mulscc, mulx, udivx, sdivx, %y',
    threads: 1,
    cases: once(0.24),
  },
  {
    name: 'windows',
    source: 'windows.s',
    description: 'save and restore chains up to 3,000 deep with every local checked, flushw, windows edited on the stack',
    threads: 1,
    cases: once(0.6),
  },
  {
    name: 'atomics',
    source: 'atomics.s',
    description: 'cas, casx, swap, ldstub, also through ASIs 0x80 and 0x88',
    threads: 1,
    cases: once(0.02),
  },
  {
    name: 'memory',
    source: 'memory.s',
    description: 'loads and stores of every width, ldd and std, little-endian, no-fault and short floating-point ASIs',
    threads: 1,
    cases: once(0.02),
  },
  {
    name: 'no-fault',
    source: 'no-fault.s',
    description: 'no-fault loads of a mapped and of an unmapped page',
    threads: 1,
    cases: once(0.001),
  },
  {
    name: 'floating',
    source: 'floating.s',
    description: 'add, subtract, multiply, divide, square root, compare, convert in four rounding modes, with FSR',
    threads: 1,
    cases: once(0.14),
  },
  {
    name: 'vis',
    source: 'vis.s',
    description: 'alignaddr, faligndata, logical and partitioned instructions, block loads and stores',
    threads: 1,
    cases: once(0.02),
  },
  {
    name: 'clone',
    source: 'clone.s',
    description: 'three threads by clone without a library: casx, a ldstub lock, futexes, CLONE_CHILD_CLEARTID',
    threads: 4,
    cases: once(0.04),
  },
  {
    name: 'hello',
    source: 'hello.c',
    description: 'printf of integers, strings, doubles and long doubles; arguments; stderr; linked with pages of 1 MB',
    threads: 1,
    widePages: true,
    cases: [...once(1), ...once(1, 'one', 'two words', '')],
  },
  {
    name: 'quicksort',
    source: 'quicksort.c',
    description: 'quicksort of pseudo-random integers; the argument is how many',
    threads: 1,
    cases: [...once(0.3, '2000'), ...once(3)],
  },
  {
    name: 'crc32',
    source: 'crc32.c',
    description: 'CRC-32 of 64 KB, the argument is how many times; the benchmark of instruction speed',
    threads: 1,
    cases: [...once(1.4, '1'), ...once(34)],
  },
  {
    name: 'sieve',
    source: 'sieve.c',
    description: 'sieve of Eratosthenes; the argument is the limit',
    threads: 1,
    cases: [...once(0.35, '20000'), ...once(3.3)],
  },
  {
    name: 'sha256',
    source: 'sha256.c',
    description: 'SHA-256 of the messages of FIPS 180-4 and of a long one',
    threads: 1,
    cases: once(2),
  },
  {
    name: 'setjmp',
    source: 'setjmp.c',
    description: 'setjmp, longjmp out of up to 300 frames, coroutines by swapcontext (traps 0x6e and 0x6f)',
    threads: 1,
    cases: [
      ...once(0.07),
      {
        args: ['link'],
        exit: 0,
        millions: 0.07,
        qemuDiffers: 'its setcontext trap leaves the old window in the registers, so uc_link is lost',
        stdout: [
          ...[1, 2, 6, 7, 8, 9, 15, 40, 300].map((frames) => `longjmp from ${frames} frames down`),
          'longjmp(0) gives 1',
          '5050 caught',
          ...[0, 1, 2, 3, 4].flatMap((turn) => [0, 1].map((me) => `coroutine ${me}, turn ${turn}`)),
          'coroutines: 10 20',
          '',
        ].join('\n'),
      },
    ],
  },
  {
    name: 'recursion',
    source: 'recursion.c',
    description: 'ackermann, fibonacci, 8,000 frames with checked locals, arguments on the stack, structures by value',
    threads: 1,
    cases: once(0.9),
  },
  {
    name: 'malloc-churn',
    source: 'malloc-churn.c',
    description: 'malloc, calloc, realloc and free with checked contents; large blocks by mmap and mremap; the argument is the rounds',
    threads: 1,
    cases: [...once(3.3, '500'), ...once(15)],
  },
  {
    name: 'arithmetic',
    source: 'arithmetic.c',
    description: 'bit-fields, packed structures, 32-, 64- and 128-bit division, overflow, float, double, long double',
    threads: 1,
    cases: once(0.8),
  },
  {
    name: 'strings',
    source: 'strings.c',
    description: 'memcpy, memmove, memset, strlen, strcmp and others at every alignment (VIS in the library)',
    threads: 1,
    cases: once(7),
  },
  {
    name: 'qsort-doubles',
    source: 'qsort-doubles.c',
    description: 'qsort and bsearch of doubles and structures, functions of libm',
    threads: 1,
    cases: once(3.4),
  },
  {
    name: 'threads-4',
    source: 'threads-4.c',
    description: '4 threads: mutex, condition variable, once, keys, thread-local variables, C11 atomics',
    threads: 5,
    cases: once(0.4),
  },
  {
    name: 'threads-16',
    source: 'threads-16.c',
    description: '16 threads: bounded queue, barrier, readers and writers, semaphore, __atomic of every width',
    threads: 17,
    cases: once(0.6),
  },
  {
    name: 'remap',
    source: 'remap.c',
    description: 'threads mmap, fill, check, mprotect, mremap, madvise, munmap while others read areas that are replaced',
    threads: 8,
    cases: once(0.9),
  },
  {
    name: 'signals',
    source: 'signals.c',
    description: 'raise, kill, tgkill, masks, nested handlers, sigaltstack, SIGSEGV with siglongjmp, pthread_kill, sigwait',
    threads: 2,
    cases: once(0.07),
  },
  {
    name: 'clock',
    source: 'clock.c',
    description: 'clock_gettime, nanosleep, clock_nanosleep, timed waits of condition variables, gettimeofday',
    threads: 4,
    cases: once(0.05),
  },
  {
    name: 'ends',
    source: 'ends.c',
    description: 'ways to end: statuses, exit from a thread, and each signal that a fault gives; the argument chooses',
    threads: 3,
    cases: [
      end('return', 42),
      end('exit-300', 44),
      end('_exit', 3),
      end('thread-exit', 7),
      end('main-returns', 5),
      end('abort', SIGABRT),
      end('null', SIGSEGV),
      end('null-write', SIGSEGV),
      end('text-write', SIGSEGV),
      end('jump', SIGSEGV),
      end('stack', SIGSEGV, { millions: 1.3 }),
      end('illegal', SIGILL),
      end('privileged', SIGILL),
      end('trap-5', SIGILL, { qemuDiffers: 'it stops at software traps that it does not know', stdout: 'before trap-5\n' }),
      end('divide', SIGFPE, { qemuDiffers: NO_DIVISION_TRAP, stdout: 'before divide\n' }),
      end('divide-64', SIGFPE, { qemuDiffers: NO_DIVISION_TRAP, stdout: 'before divide-64\n' }),
      end('misaligned', SIGBUS),
      end('misaligned-store', SIGBUS),
    ],
  },
]
