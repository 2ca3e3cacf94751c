import { type DecodedEntry, formatSfsr, formatTlb, type MmuSide } from '../mmu'
import { hex } from '../u64'
import type { OwnedEntry, TlbState } from './tlb-state'

const CONTEXT_BITS = 0x1fffn
const PAGE_MASK = ~0x1fffn

/** The state of a CPU's MMUs as lines: registers, then both TLBs. */
export function tlbLines(state: TlbState, program: string, contextOfProgram: number, invalid: boolean): string[] {
  const { registers, sides } = state
  const context = (value: bigint) => {
    const number = Number(value & CONTEXT_BITS)
    const owner = number === 0 ? 'kernel' : number === contextOfProgram ? program : undefined
    return `${number}${owner === undefined ? '' : ` (${owner})`}`
  }
  const tag = (value: bigint) => `${hex(BigInt.asUintN(64, value & PAGE_MASK))} context ${context(value)}`
  const where = [
    `pc ${hex(state.pc)}${state.symbol === null ? '' : ` <${state.symbol}>`}`,
    state.privileged ? 'privileged' : 'user',
    `trap level ${state.trapLevel}`,
    state.thread === null ? 'no thread' : `thread ${state.thread}`,
  ]
  return [
    `CPU ${state.cpu}: ${where.join(', ')}`,
    `primary context ${context(registers.primaryContext)}, secondary context ${context(registers.secondaryContext)}`,
    `D-MMU: tag access ${tag(registers.dataTagAccess)}, TSB ${hex(registers.dataTsb)}, SFAR ${hex(registers.dataSfar)}`,
    `D-SFSR: ${formatSfsr(registers.dataSfsr)}`,
    `I-MMU: tag access ${tag(registers.instructionTagAccess)}, TSB ${hex(registers.instructionTsb)}`,
    `I-SFSR: ${formatSfsr(registers.instructionSfsr)}`,
    '',
    ...table('instruction', sides.instruction, invalid),
    '',
    ...table('data', sides.data, invalid),
  ]
}

function table(side: MmuSide, entries: readonly OwnedEntry[], invalid: boolean): string[] {
  const valid = entries.filter((entry) => entry.valid).length
  const marks = new Map<number, string>()
  for (const { index, owner } of entries) if (owner !== undefined) marks.set(index, owner)
  const title = `${side} TLB${invalid ? `, ${valid} valid` : ''}`
  return formatTlb(entries, { title, all: invalid, wide: true, marks }).split('\n')
}

/** The same as plain data; addresses are hexadecimal strings. */
export function tlbJson(state: TlbState, invalid: boolean): object {
  const { sides, registers, pc, ...rest } = state
  const side = (entries: readonly OwnedEntry[]) => ({
    size: entries.length,
    valid: entries.filter((entry) => entry.valid).length,
    entries: entries.filter((entry) => invalid || entry.valid).map(entryJson),
  })
  return {
    ...rest,
    pc: hex(pc),
    registers: Object.fromEntries(Object.entries(registers).map(([name, value]) => [name, hex(value)])),
    instruction: side(sides.instruction),
    data: side(sides.data),
  }
}

function entryJson({ va, pa, observed: _, owner, ...entry }: DecodedEntry & { owner?: string | undefined }): object {
  return {
    ...entry,
    va: hex(va),
    lastVa: hex(va + BigInt(entry.pageBytes - 1)),
    pa: hex(pa),
    owner: owner ?? null,
  }
}
