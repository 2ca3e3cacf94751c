import type { ReferenceCpu } from '../../src/engine/reference-cpu'
import type { BareConfig } from './bare-machine'
import { PSTATE } from './trapped'

/** A run in which the conditions of two traps can be switched on and off each for itself. */
export interface Situation {
  readonly source: string
  readonly unprivileged?: boolean
  readonly config?: BareConfig
  prepare?(cpu: ReferenceCpu): void
}

/** Trap names as the table has them; interrupt levels with their number. */
export type PairName = readonly [higher: string, lower: string]

/** The address of a page that {@link page} maps; TTE bits of figure 6-2 of the manual. */
export const PAGE = 0x1000_0000n
export const TTE = { V: 1n << 63n, NFO: 1n << 60n, CP: 0x20n, CV: 0x10n, E: 8n, P: 4n, W: 2n }
const RAM_PAGE = 0x30_0000n
const NO_RAM = 0x8000_0000n
const ANY_BYTE = 0xffn
const LSU = { VR: 1n << 22n, VW: 1n << 21n, PR: 1n << 24n, PW: 1n << 23n, VM: 25n, PM: 33n }

/** Maps {@link PAGE} for data in contexts 0: readable, writable and cacheable unless bits are taken away or added. */
export function page(cpu: ReferenceCpu, { without = 0n, and = 0n, pa = RAM_PAGE } = {}): void {
  cpu.mmu.storeAsi(0x58, 0x30n, PAGE)
  cpu.mmu.storeAsi(0x5c, 0n, ((TTE.V | TTE.CP | TTE.CV | TTE.W) & ~without) | and | pa)
}

/** Watches the doubleword at {@link PAGE}, by its virtual or its physical address. */
export function watch(cpu: ReferenceCpu, space: 'virtual' | 'physical', pa = RAM_PAGE): void {
  const lsu = cpu.mmu.loadAsi(0x45, 0n)
  const [register, address, enable, shift] =
    space === 'virtual' ? [0x38n, PAGE, LSU.VR | LSU.VW, LSU.VM] : [0x40n, pa, LSU.PR | LSU.PW, LSU.PM]
  cpu.mmu.storeAsi(0x58, register, address)
  cpu.mmu.storeAsi(0x45, 0n, lsu | enable | (ANY_BYTE << shift))
}

function interrupts(cpu: ReferenceCpu, { mondo = false, softint = 0n }): void {
  cpu.set('pstate', cpu.get('pstate') | PSTATE.IE)
  if (mondo) cpu.set('mondoReceive', 0x20n)
  cpu.set('softint', softint)
}

const AT_PAGE = `sethi %hi(${PAGE}), %g1`
const DONE = 'ta 9'
const floatOff = (cpu: ReferenceCpu) => cpu.set('fprs', 0n)

/** For each pair, the situation in which either condition holds or does not. */
export const SITUATIONS: ReadonlyMap<string, (higher: boolean, lower: boolean) => Situation> = new Map([
  situation('privileged_opcode', 'illegal_instruction', (user, levelZero) => ({
    source: `rdpr %tpc, %g1\n${DONE}`,
    unprivileged: user,
    prepare: (cpu) => cpu.setSmall('tl', levelZero ? 0 : 1),
  })),
  situation('illegal_instruction', 'fp_disabled', (quad, disabled) => ({
    source: `set 0x200800, %g1\n${quad ? 'ldq' : 'ldd'} [%g1], %f0\n${DONE}`,
    prepare: (cpu) => disabled && floatOff(cpu),
  })),
  situation('window_spill', 'clean_window', (spill, dirty) => ({
    source: `save\n${DONE}`,
    prepare: (cpu) => {
      cpu.setSmall('cansave', spill ? 0 : 3)
      cpu.setSmall('canrestore', 3)
      cpu.setSmall('cleanwin', dirty ? 3 : 4)
    },
  })),
  situation('mem_address_not_aligned', 'privileged_action', (misaligned, user) => ({
    source: `set 0x200800, %g1\nldxa [%g1 + ${misaligned ? 2 : 0}] %asi, %g2\n${DONE}`,
    unprivileged: user,
    prepare: (cpu) => cpu.set('asi', 4n),
  })),
  situation('privileged_action', 'VA_watchpoint', (user, watched) => ({
    source: `${AT_PAGE}\nldxa [%g1] 0x10, %g2\n${DONE}`,
    unprivileged: user,
    prepare: (cpu) => {
      page(cpu)
      if (watched) watch(cpu, 'virtual')
    },
  })),
  situation('VA_watchpoint', 'data_access_exception', (watched, refused) => ({
    source: `${AT_PAGE}\nldx [%g1], %g2\n${DONE}`,
    unprivileged: true,
    prepare: (cpu) => {
      page(cpu, { and: refused ? TTE.P : 0n })
      if (watched) watch(cpu, 'virtual')
    },
  })),
  situation('data_access_exception', 'fast_data_access_MMU_miss', (outOfRange, missing) => ({
    source: `${outOfRange ? 'mov 1, %g1\nsllx %g1, 43, %g1' : AT_PAGE}\nldx [%g1], %g2\n${DONE}`,
    prepare: (cpu) => {
      if (!missing) page(cpu)
    },
  })),
  situation('data_access_exception', 'fast_data_access_protection', (refused, readOnly) => ({
    source: `${AT_PAGE}\nstx %g0, [%g1]\n${DONE}`,
    unprivileged: true,
    prepare: (cpu) => page(cpu, { and: refused ? TTE.P : 0n, without: readOnly ? TTE.W : 0n }),
  })),
  situation('fast_data_access_protection', 'PA_watchpoint', (readOnly, watched) => ({
    source: `${AT_PAGE}\nstx %g0, [%g1]\n${DONE}`,
    prepare: (cpu) => {
      page(cpu, { without: readOnly ? TTE.W : 0n })
      if (watched) watch(cpu, 'physical')
    },
  })),
  situation('PA_watchpoint', 'data_access_error', (watched, absent) => ({
    source: `${AT_PAGE}\nldx [%g1], %g2\n${DONE}`,
    prepare: (cpu) => {
      const pa = absent ? NO_RAM : RAM_PAGE
      page(cpu, { pa })
      if (watched) watch(cpu, 'physical', pa)
    },
  })),
  situation('trap_instruction', 'interrupt_vector', (trap, mondo) => ({
    source: `${trap ? 'ta 3' : 'nop'}\n${DONE}`,
    prepare: (cpu) => interrupts(cpu, { mondo }),
  })),
  situation('interrupt_vector', 'interrupt_level_15', (mondo, level) => ({
    source: `nop\n${DONE}`,
    prepare: (cpu) => interrupts(cpu, { mondo, softint: level ? 1n << 15n : 0n }),
  })),
  ...Array.from({ length: 14 }, (_, n) =>
    situation(`interrupt_level_${15 - n}`, `interrupt_level_${14 - n}`, (upper, lower) => ({
      source: `nop\n${DONE}`,
      prepare: (cpu) =>
        interrupts(cpu, { softint: (upper ? 1n << BigInt(15 - n) : 0n) | (lower ? 1n << BigInt(14 - n) : 0n) }),
    })),
  ),
])

function situation(
  higher: string,
  lower: string,
  make: (higher: boolean, lower: boolean) => Situation,
): [string, (higher: boolean, lower: boolean) => Situation] {
  return [`${higher} > ${lower}`, make]
}

const NO_FETCH = 'what an instruction does is not known before it is fetched'
const NO_ACCESS = 'memory is not accessed where the MMU finds no translation or refuses the access'
const ONE_RESET = 'resets are requests of the host, one at a time'
const NO_ECC = 'there are no errors in memory'
const OTHER_INSTRUCTIONS = 'no instruction can raise both'
const OTHER_ADDRESSES = 'the one is raised at multiples of 4, the other at all other misaligned addresses'

/** Pairs that never hold at once, and why. */
export const EXCLUSIVE: ReadonlyMap<string, string> = new Map([
  ['power_on_reset > externally_initiated_reset', ONE_RESET],
  ['externally_initiated_reset > watchdog_reset', ONE_RESET],
  ['watchdog_reset > software_initiated_reset', ONE_RESET],
  [
    'software_initiated_reset > RED_state_exception',
    'a trap that enters RED_state keeps its own type: type 5 is never raised',
  ],
  [
    'RED_state_exception > fast_instruction_access_MMU_miss',
    'a trap that enters RED_state keeps its own type: type 5 is never raised',
  ],
  ['fast_instruction_access_MMU_miss > instruction_access_error', NO_ACCESS],
  ['instruction_access_error > instruction_access_exception', NO_ACCESS],
  ['instruction_access_exception > privileged_opcode', NO_FETCH],
  ['fp_disabled > window_spill', OTHER_INSTRUCTIONS],
  ['fp_disabled > window_fill', OTHER_INSTRUCTIONS],
  ['window_fill > clean_window', OTHER_INSTRUCTIONS],
  ...['window_spill', 'window_fill'].flatMap((window) =>
    ['LDDF', 'STDF', 'LDQF', 'STQF'].map((name): [string, string] => [
      `${window} > ${name}_mem_address_not_aligned`,
      OTHER_INSTRUCTIONS,
    ]),
  ),
  ['clean_window > mem_address_not_aligned', OTHER_INSTRUCTIONS],
  ...['LDDF', 'STDF', 'LDQF', 'STQF'].map((name): [string, string] => [
    `${name}_mem_address_not_aligned > mem_address_not_aligned`,
    OTHER_ADDRESSES,
  ]),
  ['mem_address_not_aligned > fp_exception_ieee_754', OTHER_INSTRUCTIONS],
  ['mem_address_not_aligned > fp_exception_other', OTHER_INSTRUCTIONS],
  ['fp_exception_ieee_754 > VA_watchpoint', OTHER_INSTRUCTIONS],
  ['fp_exception_other > VA_watchpoint', OTHER_INSTRUCTIONS],
  ['fast_data_access_MMU_miss > PA_watchpoint', 'without a translation there is no physical address'],
  ['data_access_error > tag_overflow', OTHER_INSTRUCTIONS],
  ['tag_overflow > division_by_zero', OTHER_INSTRUCTIONS],
  ['division_by_zero > trap_instruction', OTHER_INSTRUCTIONS],
  ['interrupt_level_1 > corrected_ECC_error', NO_ECC],
])
