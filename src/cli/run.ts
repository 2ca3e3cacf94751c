import { Command } from 'commander'
import { EXIT_UNFINISHED, type ProgramOptions, type RunOptions, type RunResult, runProgramAsync } from '../linux-user'
import { describeViolation } from '../oracle'
import type { CommandContext } from './command-context'
import { inFile, readInput, writeOutput } from './input'
import { toJson } from './json'
import { addMachineOptions, addProgramArguments, type MachineOptions, programOptions } from './program-options'
import type { Terminal } from './terminal'

const MOST_VIOLATIONS_SHOWN = 3

interface Options extends MachineOptions {
  oracle?: true
  stats?: string
}

export function runCommand({ terminal, exitWith }: CommandContext): Command {
  const command = new Command('run').description(
    'run a static Linux/sparc64 program; its output and exit code are those of the command',
  )
  addMachineOptions(command)
    .option('--oracle', 'watch for uses of stale translations')
    .option('--stats <file>', 'write counts of the run as JSON')
  return addProgramArguments(command).action(async (path: string, args: string[], options: Options) => {
    const program = programOptions(path, readInput(path), args, options)
    if (options.stats !== undefined) writeOutput(options.stats, '')
    const began = terminal.now()
    const result = await runOn(terminal, path, program, options)
    const seconds = (terminal.now() - began) / 1000
    if (options.stats !== undefined)
      writeOutput(options.stats, `${toJson(statsOf(path, args, options, result, seconds))}\n`)
    explain(terminal, result)
    exitWith(result.exitCode)
  })
}

async function runOn(terminal: Terminal, path: string, program: ProgramOptions, options: Options): Promise<RunResult> {
  const runOptions: RunOptions = {
    ...program,
    maxInstructions: options.maxInstructions,
    oracle: options.oracle === true,
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
  const { cpus, model, policy, memoryModel, quantum, seed: chosen = null } = options
  const { exitCode, reason, signal, stats, violations } = result
  return {
    program,
    args,
    cpus,
    model,
    policy,
    memoryModel,
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
