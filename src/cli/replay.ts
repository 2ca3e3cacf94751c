import { Argument, Command } from 'commander'
import { replay } from '../explore'
import { jsonOption } from './arguments'
import type { CommandContext } from './command-context'
import { toJson } from './json'
import { printTimeline } from './race'

const EXIT_VIOLATION = 1

export function replayCommand({ terminal, exitWith }: CommandContext): Command {
  return new Command('replay')
    .description('execute the schedule of a token that race printed; exit code 1 if it shows a violation again')
    .addArgument(new Argument('<token>', 'a replay token'))
    .addOption(jsonOption())
    .action((token: string, options: { json?: true }) => {
      const result = replay(token)
      if (options.json) terminal.print(toJson(result))
      else {
        const settings = Object.entries(result.configuration).map(([name, value]) => `${name} ${value}`)
        terminal.print(`${result.scenario}, ${settings.join(', ')}: ${result.steps} steps`)
        terminal.print()
        printTimeline(terminal, result)
        terminal.print()
        terminal.print(`replay hash ${result.replayHash}`)
      }
      if (result.verdict === 'violation') exitWith(EXIT_VIOLATION)
    })
}
