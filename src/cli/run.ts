import { basename } from 'node:path'
import { Argument, Command } from 'commander'
import type { ModelName } from '../isa/models'
import { FLUSH_POLICIES, type FlushPolicy } from '../kernel-shim'
import { EXIT_UNFINISHED, type RunOptions, type RunResult, runProgramAsync } from '../linux-user'
import { hostFiles } from '../linux-user/file-system-node'
import { describeViolation } from '../oracle'
import { choice, integer, MOST_CPUS, modelOption, requireCpus, seed } from './arguments'
import type { CommandContext } from './command-context'
import { InputError, inFile, readInput, writeOutput } from './input'
import { toJson } from './json'
import type { Terminal } from './terminal'

const MOST_VIOLATIONS_SHOWN = 3

interface Options {
  cpus: number
  model: ModelName
  policy: FlushPolicy
  seed?: bigint
  quantum: number
  maxInstructions?: number
  oracle?: true
  files?: string
  stats?: string
}

export function runCommand({ terminal, exitWith }: CommandContext): Command {
  return new Command('run')
    .description('run a static Linux/sparc64 program; its output and exit code are those of the command')
    .passThroughOptions()
    .option('--cpus <n>', 'number of CPUs', integer(1, MOST_CPUS), 1)
    .addOption(modelOption())
    .addOption(choice('--policy <policy>', 'who is called by TLB flushes', FLUSH_POLICIES, 'cross-call'))
    .option('--seed <seed>', 'random schedule and entropy from this seed; without it CPUs take turns', seed)
    .option('--quantum <n>', "instructions of a CPU's turn", integer(1), 1000)
    .option('--max-instructions <n>', 'stop after so many instructions of all CPUs', integer(1))
    .option('--oracle', 'watch for uses of stale translations')
    .option('--files <directory>', 'let the program read the files below a directory')
    .option('--stats <file>', 'write counts of the run as JSON')
    .addArgument(new Argument('<program>', 'an ELF file'))
    .addArgument(new Argument('[arg...]', "the program's arguments"))
    .action(async (path: string, args: string[], options: Options) => {
      requireCpus(options.model, options.cpus)
      const elf = readInput(path)
      if (options.stats !== undefined) writeOutput(options.stats, '')
      const began = terminal.now()
      const result = await runOn(terminal, path, elf, args, options)
      const seconds = (terminal.now() - began) / 1000
      if (options.stats !== undefined)
        writeOutput(options.stats, `${toJson(statsOf(path, args, options, result, seconds))}\n`)
      explain(terminal, result)
      exitWith(result.exitCode)
    })
}

async function runOn(
  terminal: Terminal,
  path: string,
  elf: Uint8Array,
  args: string[],
  options: Options,
): Promise<RunResult> {
  const { cpus, model, policy, quantum, maxInstructions, oracle } = options
  const runOptions: RunOptions = {
    elf,
    name: basename(path),
    args,
    cpus,
    model,
    policy,
    quantum,
    maxInstructions,
    oracle: oracle === true,
    seed: options.seed,
    fileSystem: options.files === undefined ? undefined : directory(options.files),
    stdin: () => readInput('-'),
    onStdout: (bytes) => void terminal.stdout.write(bytes),
    onStderr: (bytes) => void terminal.stderr.write(bytes),
    onMessage: (message) => terminal.complain(message),
  }
  try {
    return await runProgramAsync(runOptions)
  } catch (error) {
    return inFile(path, () => {
      throw error
    })
  }
}

function directory(path: string): ReturnType<typeof hostFiles> {
  try {
    return hostFiles(path)
  } catch {
    throw new InputError(`--files ${path}: not a directory that can be read`)
  }
}

function explain(terminal: Terminal, { reason, message, exitCode, violations, stats }: RunResult): void {
  if (message !== undefined) for (const line of message.split('\n')) terminal.stderr.write(`${line}\n`)
  else if (exitCode === EXIT_UNFINISHED && reason !== 'exit') {
    const instructions = stats.instructions.reduce((sum, count) => sum + count, 0)
    terminal.complain(`the program did not end: ${reason} after ${instructions} instructions`)
  }
  for (const violation of violations.slice(0, MOST_VIOLATIONS_SHOWN))
    terminal.stderr.write(`${describeViolation(violation)}\n`)
  const count = stats.oracle?.violations ?? 0
  if (count > MOST_VIOLATIONS_SHOWN) terminal.stderr.write(`${count} uses of stale translations in all\n`)
}

function statsOf(program: string, args: string[], options: Options, result: RunResult, seconds: number): object {
  const { cpus, model, policy, quantum, seed: chosen = null } = options
  const { exitCode, reason, signal, stats, violations } = result
  return {
    program,
    args,
    cpus,
    model,
    policy,
    seed: chosen,
    quantum,
    exitCode,
    reason,
    ...(signal === undefined ? {} : { signal }),
    ...stats,
    ...(options.oracle ? { violations } : {}),
    seconds,
  }
}
