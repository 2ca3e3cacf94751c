import { type FlushPolicy, Kernel, type KernelConfig, type Refill } from '../kernel-shim'
import { ElfError, parseElf, readSymbols, type SymbolTable } from '../loader'
import type { TlbViolation } from '../oracle'
import type { MemoryModel } from '../smp'
import { RoundRobin, SeededRandom } from '../smp/scheduler'
import { seededEntropy } from './entropy'
import { type FileSystem, noFiles } from './file-system'
import { type ProcessEnd, processOf } from './process'
import { collectStatistics, countMisses, type RunStatistics } from './run-statistics'
import { startProgram } from './start-program'
import { DEFAULT_EPOCH } from './time'
import { watchCoherence } from './watch-coherence'

export interface ProgramOptions {
  /** A static 64-bit SPARC Linux executable. */
  readonly elf: Uint8Array
  /** Name of the program, argv[0]; default `program`. */
  readonly name?: string
  /** Arguments behind argv[0]. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Default 'ultrasparc-ii'. */
  readonly model?: KernelConfig['model']
  /** 1 to the model's `maxCpus`; default 1. */
  readonly cpus?: number
  /** Bytes of RAM, a multiple of 8192; default 256 MiB. */
  readonly ramBytes?: number
  /** Who is called by TLB flushes; default `cross-call`. */
  readonly policy?: FlushPolicy
  readonly refill?: Refill
  /** Default 'sc'. */
  readonly memoryModel?: MemoryModel
  /** Seed of the schedule and of the program's entropy; without one, CPUs take turns and the entropy is that of seed 0. */
  readonly seed?: number | bigint
  /** Instructions of a CPU's turn; default 1000. */
  readonly quantum?: number
  /** Lets the TLB oracle watch. */
  readonly oracle?: boolean
  /** The files that the program may open; default none. */
  readonly fileSystem?: FileSystem
  /** What the program's clock shows when it starts, in nanoseconds since 1970-01-01; default 2020-01-01. It advances by instructions. */
  readonly startTime?: bigint
  /** `length` random bytes from position `offset` of the program's stream of entropy. */
  readonly entropy?: (offset: number, length: number) => Uint8Array
  /** A function is asked once, when the program first reads. */
  readonly stdin?: Uint8Array | (() => Uint8Array)
  readonly onStdout?: (bytes: Uint8Array) => void
  readonly onStderr?: (bytes: Uint8Array) => void
  /** Messages about the run for people, such as an unsupported system call. */
  readonly onMessage?: (message: string) => void
  /** Hears once that the program exits or a signal ends it, on which CPU, before its threads leave. May look at the machine, not run it. */
  readonly onEnd?: (end: ProcessEnd, cpu: number) => void
}

export interface RunOptions extends ProgramOptions {
  /** Stops after so many instructions of all CPUs together; default none. */
  readonly maxInstructions?: number
  /** Hears how many instructions were executed so far, now and then. */
  readonly onProgress?: (instructions: number) => void
}

export type RunReason =
  | 'exit'
  | 'signal'
  | 'max-instructions'
  /** Every thread waits, and nothing can wake one. */
  | 'deadlock'
  | 'error-state'
  | 'red-state'
  | 'stopped'

export interface RunResult {
  /** The program's, or 128 + the number of the signal that ended it; {@link EXIT_UNFINISHED} if it did not end. */
  readonly exitCode: number
  readonly reason: RunReason
  readonly signal?: number
  /** For a signal: where it was, the instruction and the registers. */
  readonly message?: string
  readonly stats: RunStatistics
  /** What the oracle saw, the first 100. */
  readonly violations: readonly TlbViolation[]
}

/** Exit code of a run that stopped before its program ended. */
export const EXIT_UNFINISHED = 125

const DEFAULT_RAM = 256 << 20
const SLICE = 2_000_000

/** A program on a machine of its own. */
export class Program {
  readonly kernel: Kernel
  readonly symbols: SymbolTable | undefined
  private readonly misses: ReturnType<typeof countMisses>
  private readonly watch: ReturnType<typeof watchCoherence> | undefined
  private reason: RunReason | undefined

  /** @throws ElfError, ProgramError, MachineError, KernelError */
  constructor(options: ProgramOptions) {
    const {
      elf,
      name = 'program',
      model,
      cpus = 1,
      ramBytes = DEFAULT_RAM,
      policy,
      refill,
      memoryModel,
      seed,
      quantum = 1000,
    } = options
    const image = parseElf(elf)
    this.symbols = symbolsOf(elf)
    this.kernel = new Kernel({
      model,
      cpus,
      ramBytes,
      policy,
      refill,
      memoryModel,
      scheduler: seed === undefined ? new RoundRobin(quantum) : new SeededRandom(seed, quantum),
    })
    this.misses = countMisses(this.kernel)
    this.watch = options.oracle ? watchCoherence(this.kernel) : undefined
    let input: Uint8Array | undefined
    startProgram(this.kernel, {
      image,
      executable: name.startsWith('/') ? name : `/${name}`,
      args: [name, ...(options.args ?? [])],
      epoch: options.startTime ?? DEFAULT_EPOCH,
      environment: Object.entries(options.env ?? {}).map(([key, value]) => `${key}=${value}`),
      host: {
        fileSystem: options.fileSystem ?? noFiles,
        files: new Map(),
        get stdin() {
          input ??= typeof options.stdin === 'function' ? options.stdin() : (options.stdin ?? new Uint8Array(0))
          return input
        },
        entropy: options.entropy ?? seededEntropy(seed ?? 0),
        stdout: options.onStdout ?? (() => {}),
        stderr: options.onStderr ?? (() => {}),
        report: options.onMessage ?? (() => {}),
        symbol: (address) => this.symbols?.describe(address),
        ended: (end, cpu) => options.onEnd?.(end, cpu),
      },
    })
  }

  /** Instructions executed so far by all CPUs. */
  get instructions(): number {
    return Number(this.kernel.machine.instructions())
  }

  /** Runs at most `budget` instructions. Returns whether the program can go on. */
  run(budget: number): boolean {
    if (this.reason !== undefined) return false
    const { reason } = this.kernel.machine.run(budget)
    if (reason === 'budget') return true
    const { end } = processOf(this.kernel)
    if (reason === 'halted' && end !== null) this.reason = end.kind
    else this.reason = reason === 'deadlock' || reason === 'error-state' || reason === 'red-state' ? reason : 'stopped'
    return false
  }

  /** How the run stands; a program that could go on counts as stopped for want of instructions. */
  result(): RunResult {
    const { end } = processOf(this.kernel)
    const reason = this.reason ?? 'max-instructions'
    const stats = collectStatistics(this.kernel, this.misses)
    const { watch } = this
    const outcome = {
      reason,
      stats: watch
        ? { ...stats, oracle: { violations: watch.count(), warnings: watch.oracle.warnings.length } }
        : stats,
      violations: watch?.violations ?? [],
    }
    if (reason === 'exit' && end?.kind === 'exit') return { ...outcome, exitCode: end.code }
    if (reason === 'signal' && end?.kind === 'signal')
      return { ...outcome, exitCode: 128 + end.signal, signal: end.signal, message: end.message }
    return { ...outcome, exitCode: EXIT_UNFINISHED }
  }

  /** Releases the machine's memory. */
  dispose(): void {
    this.kernel.machine.dispose()
  }
}

/** A damaged symbol table does not keep a program from running. */
function symbolsOf(elf: Uint8Array): SymbolTable | undefined {
  try {
    return readSymbols(elf)
  } catch (error) {
    if (error instanceof ElfError) return undefined
    throw error
  }
}

/** Runs a program to its end, or for `maxInstructions`. @throws ElfError, ProgramError, MachineError, KernelError */
export function runProgram(options: RunOptions): RunResult {
  const program = new Program(options)
  try {
    while (program.run(nextSlice(program, options))) {
      if (program.instructions >= (options.maxInstructions ?? Number.POSITIVE_INFINITY)) break
      options.onProgress?.(program.instructions)
    }
    return program.result()
  } finally {
    program.dispose()
  }
}

/**
 * {@link runProgram} that lets the event loop breathe.
 * @throws the signal's reason if it is aborted
 */
export async function runProgramAsync(options: RunOptions & { readonly signal?: AbortSignal }): Promise<RunResult> {
  const { signal, ...rest } = options
  const program = new Program(rest)
  try {
    while (program.run(nextSlice(program, options))) {
      if (program.instructions >= (options.maxInstructions ?? Number.POSITIVE_INFINITY)) break
      options.onProgress?.(program.instructions)
      await new Promise<void>((resolve) => setTimeout(resolve, 0))
      signal?.throwIfAborted()
    }
    return program.result()
  } finally {
    program.dispose()
  }
}

function nextSlice(program: Program, { maxInstructions }: RunOptions): number {
  return maxInstructions === undefined ? SLICE : Math.max(0, Math.min(SLICE, maxInstructions - program.instructions))
}
