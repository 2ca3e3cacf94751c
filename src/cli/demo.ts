import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { argv } from 'node:process'
import { Command } from 'commander'
import { measureFlushes } from '../flush-throughput'
import { FLUSH_POLICIES } from '../kernel-shim'
import { type RunResult, runProgramAsync } from '../linux-user'
import { printFlushes } from './bench-flush'
import type { CommandContext } from './command-context'
import { printTimeline, search, summaryOf } from './race'
import { formatTable, grouped } from './table'
import type { Terminal } from './terminal'

const SCENARIO = 'two-flushes'
const PREEMPTIONS = 3
const CPUS = 4

export function demoCommand({ terminal }: CommandContext): Command {
  return new Command('demo').description('show it all in under a minute').action(async () => {
    const began = terminal.now()
    showRace(terminal)
    await showPrograms(terminal)
    showFlushes(terminal)
    terminal.print()
    terminal.print(terminal.colors.dim(`${((terminal.now() - began) / 1000).toFixed(0)} s in all`))
  })
}

function section(terminal: Terminal, title: string, ...explanation: readonly string[]): void {
  const { bold, cyan } = terminal.colors
  terminal.print(cyan(bold(`== ${title} ${'='.repeat(Math.max(4, 96 - title.length))}`)))
  for (const line of explanation) terminal.print(line)
  terminal.print()
}

function showRace(terminal: Terminal): void {
  section(
    terminal,
    'The race, found by search',
    'CPU 0 unmaps two pages, one after the other, of its single-threaded address space. Meanwhile a kernel thread on CPU 1',
    'takes the address space (kthread_use_mm) and reads a page. All schedules of the two emulated CPUs with up to',
    `${PREEMPTIONS} preemptions are tried, under each policy; an oracle judges every use of a TLB entry.`,
  )
  const results = FLUSH_POLICIES.map((policy) => {
    const result = search(terminal, {
      policy,
      scenario: SCENARIO,
      preemptions: PREEMPTIONS,
      refill: 'reread',
      mondoDelay: 0,
    })
    terminal.print(summaryOf(result, terminal.colors))
    return result
  })
  terminal.print()
  const found = results.find((result) => result.verdict === 'violation')
  if (found === undefined) return
  terminal.print(`How ${found.policy} loses a flush, in the fewest preemptions that do it:`)
  terminal.print()
  printTimeline(terminal, found)
  terminal.print()
  terminal.print(`The same run again, to the bit: sparc64-smp replay ${found.token}`)
  terminal.print()
}

const PROGRAMS = [
  { name: 'threads-4', oracle: false, what: 'four pthreads with mutex, spin lock, atomics and thread-local storage' },
  {
    name: 'remap',
    oracle: true,
    what: 'threads that map, fill, unmap and remap memory while others read; the oracle watches',
  },
] as const

async function showPrograms(terminal: Terminal): Promise<void> {
  section(
    terminal,
    `C programs with threads on ${CPUS} CPUs`,
    'Unmodified static Linux/sparc64 executables (gcc -O2, glibc): their threads run on all CPUs, and each munmap, mprotect and',
    'mremap goes through the TLB flushes above.',
  )
  const directory = programsDirectory()
  if (directory === undefined) {
    terminal.print(
      'The executables are in test/programs/elf of the repository and not in the npm package: left out here.',
    )
    terminal.print('Run one of your own with: sparc64-smp run --cpus 4 --oracle PROGRAM')
    terminal.print()
    return
  }
  for (const { name, oracle, what } of PROGRAMS) {
    const options = `--cpus ${CPUS} --seed 1${oracle ? ' --oracle' : ''}`
    terminal.print(
      terminal.colors.bold(`$ sparc64-smp run ${options} test/programs/elf/${name}`) +
        terminal.colors.dim(`   # ${what}`),
    )
    const began = terminal.now()
    const result = await runProgramAsync({
      elf: readFileSync(join(directory, name)),
      name,
      cpus: CPUS,
      seed: 1,
      oracle,
      onStdout: (bytes) => void terminal.stdout.write(bytes),
      onStderr: (bytes) => void terminal.stderr.write(bytes),
      onProgress: (instructions) => terminal.progress(`${name}: ${grouped(instructions)} instructions`),
    })
    printRun(terminal, result, (terminal.now() - began) / 1000)
  }
}

function programsDirectory(): string | undefined {
  const script = argv[1]
  if (script === undefined) return undefined
  const directory = join(dirname(realpathSync(script)), '../../test/programs/elf')
  return PROGRAMS.every(({ name }) => existsSync(join(directory, name))) ? directory : undefined
}

function printRun(terminal: Terminal, { exitCode, stats, violations }: RunResult, seconds: number): void {
  const { dim, red, green } = terminal.colors
  const columns = ['', ...stats.instructions.map((_, cpu) => `CPU ${cpu}`)].map((title, n) => ({
    title,
    align: n === 0 ? ('left' as const) : ('right' as const),
  }))
  const misses = stats.tlbMisses.map(({ instruction, data, protection }) => instruction + data + protection)
  const rows = [
    ['instructions', ...stats.instructions.map(grouped)],
    ['TLB misses', ...misses.map(grouped)],
  ]
  for (const line of formatTable(columns, rows)) terminal.print(dim(line))
  const { flushes, crossCalls, contextSwitches, oracle } = stats
  terminal.print(
    dim(
      `exit code ${exitCode}; ${contextSwitches} context switches; flushes: ${flushes.mm} mm, ${flushes.page} page, ` +
        `${flushes.pending} pending; cross calls: ${crossCalls.sent} sent, ${crossCalls.nacked} NACKed, ` +
        `${crossCalls.taken} taken; ${seconds.toFixed(1)} s`,
    ),
  )
  if (oracle !== undefined)
    terminal.print(
      violations.length === 0
        ? green('the oracle saw no stale use')
        : red(`the oracle saw ${oracle.violations} stale uses`),
    )
  terminal.print()
}

function showFlushes(terminal: Terminal): void {
  section(
    terminal,
    'What a TLB flush costs',
    'Under cross-call every flush interrupts every CPU that has ever run the address space. Under ipi-trim those that do not run',
    'it any more leave the mask when they are first called: a single-threaded process then flushes alone.',
  )
  const flushes = measureFlushes({
    cpus: [1, 4, 16, 32],
    kinds: ['mm'],
    milliseconds: 20,
    now: terminal.now,
    onProgress: (done, of) => terminal.progress(`measuring flushes: ${done} of ${of}`),
  })
  printFlushes(terminal, flushes)
}
