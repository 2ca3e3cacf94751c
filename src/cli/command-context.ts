import type { Terminal } from './terminal'

/** What a subcommand gets from the program around it. */
export interface CommandContext {
  readonly terminal: Terminal
  /** Sets what the process exits with; 0 if it is not called. */
  exitWith(code: number): void
}
