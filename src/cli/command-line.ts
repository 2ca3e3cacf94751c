import { Command, CommanderError } from 'commander'
import { version } from '../../package.json'
import { assembleCommand } from './assemble'
import { benchCommand } from './bench-flush'
import type { CommandContext } from './command-context'
import { demoCommand } from './demo'
import { disassembleCommand } from './disassemble'
import { isInputError } from './input'
import { litmusCommand } from './litmus'
import { raceCommand } from './race'
import { replayCommand } from './replay'
import { runCommand } from './run'
import type { Terminal } from './terminal'
import { tlbCommand } from './tlb'

export const EXIT_BAD_USAGE = 2
const EXIT_INTERNAL_ERROR = 70

const COMMANDS: readonly ((context: CommandContext) => Command)[] = [
  runCommand,
  tlbCommand,
  raceCommand,
  replayCommand,
  litmusCommand,
  benchCommand,
  disassembleCommand,
  assembleCommand,
  demoCommand,
]

/**
 * Runs `sparc64-smp` with the arguments after the program's name; gives the exit code.
 * Never throws: what goes wrong is one line on stderr, with exit code 2 if it was what the user gave.
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0
  const context: CommandContext = {
    terminal,
    exitWith: (code) => {
      exitCode = code
    },
  }
  const program = makeProgram(context)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    return report(error, commandIn(program, args), terminal)
  } finally {
    terminal.endProgress()
  }
}

function makeProgram(context: CommandContext): Command {
  const program = new Command('sparc64-smp')
    .description('sparc64 SMP emulator: run programs, search for TLB-flush races, measure TLB flushes')
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.terminal.stdout.write(text),
      writeErr: () => undefined,
    })
  for (const make of COMMANDS) program.addCommand(inherit(program, make(context)))
  return program
}

function inherit(parent: Command, command: Command): Command {
  command.copyInheritedSettings(parent)
  for (const nested of command.commands) inherit(command, nested)
  return command
}

/** The innermost command that arguments begin with. */
function commandIn(program: Command, args: readonly string[]): Command {
  const nested = program.commands.find((command) => command.name() === args[0])
  return nested === undefined ? program : commandIn(nested, args.slice(1))
}

function report(error: unknown, command: Command, terminal: Terminal): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    const asksForCommand = error.code === 'commander.help'
    const names = command.commands.map((nested) => nested.name()).join(', ')
    terminal.complain(
      asksForCommand ? `expected a command: ${names}; see --help` : error.message.replace(/^error: /, ''),
    )
    return EXIT_BAD_USAGE
  }
  if (isInputError(error)) {
    terminal.complain(error.message)
    return EXIT_BAD_USAGE
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  terminal.complain(`internal error, please report it: ${message}`)
  return EXIT_INTERNAL_ERROR
}
