import { Program, type ProgramOptions } from '../linux-user'
import { signalName } from '../linux-user/constants'
import type { ProcessEnd } from '../linux-user/process'
import { readUserRegisters } from '../linux-user/user-registers'
import { hex } from '../u64'
import { InputError } from './input'
import { contextOfProgram, type TlbState, tlbState } from './tlb-state'

/** Where a program is looked at. */
export type Point =
  | { readonly kind: 'address'; readonly address: bigint; readonly text: string; readonly times: number }
  | { readonly kind: 'after'; readonly instructions: number }
  | { readonly kind: 'fault' }
  | { readonly kind: 'end' }

/** What was seen there. */
export interface Sight {
  readonly reached: boolean
  /** What stopped the program, or what happened instead, in words. */
  readonly what: string
  /** The CPU that stopped. */
  readonly cpu: number
  readonly instructions: number
  /** The program's context number. */
  readonly context: number
  readonly states: readonly TlbState[]
}

const SLICE = 2_000_000

/**
 * Runs a program to a point and reads the TLBs of all CPUs there.
 * @throws InputError if the program has no such symbol; ElfError, ProgramError, MachineError
 */
export async function runToPoint(
  options: ProgramOptions,
  point: (program: Program) => Point,
  maxInstructions = Number.MAX_SAFE_INTEGER,
  onProgress: (instructions: number) => void = () => {},
): Promise<Sight> {
  let end: { readonly how: ProcessEnd; readonly sight: Omit<Sight, 'reached'> } | undefined
  const program: Program = new Program({
    ...options,
    onEnd: (how, cpu) => {
      end = { how, sight: sightOf(program, `${describeEnd(how)}${userPlace(program, cpu)}`, cpu) }
    },
  })
  const { machine } = program.kernel
  try {
    const where = point(program)
    if (where.kind === 'address') machine.addBreakpoint(where.address)
    const limit = where.kind === 'after' ? Math.min(where.instructions, maxInstructions) : maxInstructions
    let times = 0
    while (true) {
      const left = Math.max(0, limit - program.instructions)
      const before = machine.cpus.map(({ index }) => machine.instructions(index))
      const { reason, cpu = 0 } = machine.run(left > 1 ? Math.min(SLICE, left - 1) : left)
      // The last instruction before a limit is run alone
      const ran = before.findIndex((count, index) => machine.instructions(index) !== count)
      if (end !== undefined && where.kind !== 'address' && where.kind !== 'after')
        return { ...end.sight, reached: where.kind === 'end' || end.how.kind === 'signal' }
      if (reason === 'breakpoint' && where.kind === 'address') {
        if (!machine.cpus[cpu]!.supervisor && ++times === where.times)
          return { ...sightOf(program, `at ${where.text}`, cpu), reached: true }
        continue
      }
      if (reason !== 'budget') {
        const what = end?.sight.what ?? `the program stopped: ${reason}`
        return { ...sightOf(program, what, cpu), reached: false }
      }
      if (program.instructions >= limit) {
        const reached = where.kind === 'after' && limit === where.instructions
        return { ...sightOf(program, `after ${limit} instructions`, Math.max(0, ran)), reached }
      }
      onProgress(program.instructions)
      await new Promise<void>((resolve) => setTimeout(resolve, 0))
    }
  } finally {
    program.dispose()
  }
}

function sightOf(program: Program, what: string, cpu: number): Omit<Sight, 'reached'> {
  const states = program.kernel.machine.cpus.map((_, index) => tlbState(program, index))
  return { what, cpu, instructions: program.instructions, context: contextOfProgram(program), states }
}

/** Where the program is that entered the kernel on a CPU. */
function userPlace(program: Program, cpu: number): string {
  const { pc } = readUserRegisters(program.kernel.machine.cpus[cpu]!)
  const symbol = program.symbols?.describe(pc)
  return ` at ${hex(pc)}${symbol === undefined ? '' : ` <${symbol}>`}`
}

function describeEnd(end: ProcessEnd): string {
  return end.kind === 'exit'
    ? `the program exited with code ${end.code}`
    : `${signalName(end.signal)} ended the program`
}

const SYMBOL = /^([A-Za-z_.$][\w.$]*)(?:\+(0x[\da-f]+|\d+))?$/i

/** The address that `main`, `main+0x10` or a number means. @throws InputError */
export function addressOf(program: Program, text: string): bigint {
  if (/^(0x[\da-f]+|\d+)$/i.test(text)) return instructionAddress(text, BigInt(text))
  const [, name, offset = '0'] = SYMBOL.exec(text) ?? []
  if (name === undefined)
    throw new InputError(`--at ${text}: expected a symbol such as main or main+0x10, or an address such as 0x1002a8`)
  if (!program.symbols?.symbols.length)
    throw new InputError(`--at ${text}: the program has no symbols, expected an address such as 0x1002a8`)
  const symbol = program.symbols.get(name)
  if (symbol === undefined) throw new InputError(`--at ${text}: the program has no symbol '${name}'`)
  if (symbol.kind === 'object') throw new InputError(`--at ${text}: '${name}' is data, expected a function`)
  return instructionAddress(text, symbol.address + BigInt(offset))
}

function instructionAddress(text: string, address: bigint): bigint {
  if (address >> 64n !== 0n) throw new InputError(`--at ${text}: expected an address of 64 bits`)
  if (address & 3n) throw new InputError(`--at ${text}: ${hex(address)} is not a multiple of 4`)
  return address
}
