import { basename } from 'node:path'
import { Command, Option } from 'commander'
import { integer, jsonOption } from './arguments'
import type { CommandContext } from './command-context'
import { InputError, inFile, readInput } from './input'
import { toJson } from './json'
import { addMachineOptions, addProgramArguments, type MachineOptions, programOptions } from './program-options'
import { grouped } from './table'
import type { Terminal } from './terminal'
import { addressOf, type Point, runToPoint, type Sight } from './tlb-point'
import { tlbJson, tlbLines } from './tlb-table'

const EXIT_NOT_REACHED = 1

interface Options extends MachineOptions {
  at?: string
  times?: number
  after?: number
  atFault?: true
  cpu?: number
  all?: true
  invalid?: true
  json?: true
}

export function tlbCommand({ terminal, exitWith }: CommandContext): Command {
  const command = new Command('tlb').description(
    'run a program to a point and print the TLBs there: at its end unless told; exit code 1 if the point is never reached. ' +
      "The program's own output goes to stderr",
  )
  addMachineOptions(command)
    .addOption(
      new Option(
        '--at <symbol|address>',
        'before the instruction there, in user mode: main, main+0x10, 0x1002a8',
      ).conflicts(['after', 'atFault']),
    )
    .addOption(new Option('--times <n>', 'with --at: the nth time').argParser(integer(1)))
    .addOption(
      new Option('--after <n>', 'after so many instructions of all CPUs').argParser(integer(0)).conflicts('atFault'),
    )
    .option('--at-fault', 'when a signal ends the program, such as SIGSEGV of a fault')
    .addOption(new Option('--cpu <n>', 'the TLBs of this CPU, not of the one that stopped').argParser(integer(0)))
    .addOption(new Option('--all', 'the TLBs of all CPUs').conflicts('cpu'))
    .option('--invalid', 'invalid entries as well')
    .addOption(jsonOption())
  return addProgramArguments(command).action(async (path: string, args: string[], options: Options) => {
    const { cpu, cpus } = options
    if (cpu !== undefined && cpu >= cpus) throw new InputError(`--cpu ${cpu}: the machine has CPUs 0 to ${cpus - 1}`)
    if (options.times !== undefined && options.at === undefined) throw new InputError('--times: only with --at')
    const sight = await look(terminal, path, args, options)
    if (!sight.reached) {
      const { what, instructions } = sight
      terminal.complain(`${asked(options)} was not reached: ${what}, ${grouped(instructions)} instructions`)
      exitWith(EXIT_NOT_REACHED)
      return
    }
    const shown = sight.states.filter((state) => options.all || state.cpu === (cpu ?? sight.cpu))
    if (options.json) printJson(terminal, path, sight, shown, options)
    else printTables(terminal, basename(path), sight, shown, options)
  })
}

async function look(terminal: Terminal, path: string, args: string[], options: Options): Promise<Sight> {
  const elf = readInput(path)
  const toStderr = (bytes: Uint8Array) => void terminal.stderr.write(bytes)
  const run = {
    ...programOptions(path, elf, args, options),
    onStdout: toStderr,
    onStderr: toStderr,
    onMessage: (message: string) => terminal.complain(message),
  }
  const { at, times = 1, after, atFault } = options
  const progress = (instructions: number) => terminal.progress(`${grouped(instructions)} instructions`)
  try {
    return await runToPoint(
      run,
      (program): Point => {
        if (at !== undefined) return { kind: 'address', address: addressOf(program, at), text: at, times }
        if (after !== undefined) return { kind: 'after', instructions: after }
        return { kind: atFault ? 'fault' : 'end' }
      },
      options.maxInstructions,
      progress,
    )
  } catch (error) {
    return inFile(path, () => {
      throw error
    })
  }
}

function asked({ at, times = 1, after, atFault }: Options): string {
  if (at !== undefined) return times === 1 ? at : `${at}, time ${times},`
  if (after !== undefined) return `the point after ${grouped(after)} instructions`
  return atFault ? 'a fatal signal' : "the program's end"
}

function printTables(
  terminal: Terminal,
  program: string,
  sight: Sight,
  shown: Sight['states'],
  options: Options,
): void {
  const { what, cpu, instructions } = sight
  terminal.print(`${program}: ${what}, on CPU ${cpu}, ${grouped(instructions)} instructions in all`)
  for (const state of shown) {
    terminal.print()
    for (const line of tlbLines(state, program, sight.context, options.invalid === true)) terminal.print(line)
  }
}

function printJson(terminal: Terminal, path: string, sight: Sight, shown: Sight['states'], options: Options): void {
  const { what, cpu, instructions, context } = sight
  const cpus = shown.map((state) => tlbJson(state, options.invalid === true))
  terminal.print(toJson({ program: path, stopped: what, cpu, instructions, context, cpus }))
}
