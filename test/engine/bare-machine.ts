import { assemble } from '../../src/isa'
import { Machine, type MachineConfig } from '../../src/smp'

const FOUR_MEGABYTES = 4 << 20
const LSU_CACHES_AND_MMUS = 0xfn
/** V, 4 MB, L, CP, CV, P, W, G. */
const KERNEL_PAGE = (1n << 63n) | (3n << 61n) | 0x77n
/** The same for users as well. */
const USER_PAGE = KERNEL_PAGE & ~4n

export const TRAP_TABLE = 0x10_0000n
export const PROGRAM = 0x20_0000n
/** `nop`s, as many as a trap table holds. */
const NOPS = new Uint8Array(0x8000).map((_, at) => (at % 4 === 0 ? 1 : 0))

export interface BareConfig extends MachineConfig {
  /** Whether unprivileged code may use the mapping. Default true. */
  user?: boolean
  /** Where the program is put; default {@link PROGRAM}. */
  origin?: bigint
  /** Symbols that the source may use. */
  symbols?: Readonly<Record<string, bigint>>
}

export interface BareMachine {
  readonly machine: Machine
  /** Address of a label. */
  at(label: string): bigint
}

/**
 * A machine without firmware: RAM mapped by locked 4 MB pages to itself, a trap table of `nop`s (each entry 8 of them), and CPU 0
 * ready to run the program's first instruction, privileged and with interrupts off.
 */
export function bareMachine(source: string, config: BareConfig = {}): BareMachine {
  const { user = true, origin = PROGRAM, symbols = {}, ...rest } = config
  const machine = new Machine({ ramBytes: FOUR_MEGABYTES, ...rest })
  const { bytes, symbols: labels } = assemble(source, { origin, symbols: { TRAP_TABLE, ...symbols } })
  machine.memory.writeBytes(Number(TRAP_TABLE), NOPS)
  machine.memory.writeBytes(Number(origin), bytes)
  for (const cpu of machine.cpus) {
    for (let pa = 0; pa < machine.layout.ramBytes; pa += FOUR_MEGABYTES) {
      for (const [tagAccess, dataIn] of [
        [0x50, 0x54],
        [0x58, 0x5c],
      ] as const) {
        cpu.mmu.storeAsi(tagAccess, 0x30n, BigInt(pa))
        cpu.mmu.storeAsi(dataIn, 0n, (user ? USER_PAGE : KERNEL_PAGE) | BigInt(pa))
      }
    }
    cpu.mmu.storeAsi(0x45, 0n, LSU_CACHES_AND_MMUS)
    cpu.set('tba', TRAP_TABLE)
    cpu.modeChanged()
  }
  machine.start(0, origin)
  return {
    machine,
    at: (label) => {
      const address = labels.get(label)
      if (address === undefined) throw new RangeError(`the program has no label ${label}`)
      return address
    },
  }
}

/** Puts code at a vector of the trap table: `tl` 0 or 1 names the half. */
export function setVector(machine: Machine, tt: number, source: string, tl: 0 | 1 = 0): void {
  const address = TRAP_TABLE + BigInt(tl * 0x4000 + tt * 32)
  machine.memory.writeBytes(Number(address), assemble(source, { origin: address, symbols: { TRAP_TABLE } }).bytes)
}

/** Spill and fill of all classes to the stack, and clean_window: what a simple kernel has. */
export function setWindowVectors(machine: Machine): void {
  const registers = ['%l', '%i'].flatMap((set) => Array.from({ length: 8 }, (_, n) => `${set}${n}`))
  const spill = registers.map((r, n) => `stx ${r}, [%sp + 2047 + ${n * 8}]`).join('\n')
  const fill = registers.map((r, n) => `ldx [%sp + 2047 + ${n * 8}], ${r}`).join('\n')
  const clear = ['%l', '%o'].flatMap((set) => Array.from({ length: 8 }, (_, n) => `clr ${set}${n}`))
  for (const tl of [0, 1] as const) {
    for (let tt = 0x80; tt < 0xc0; tt += 4) setVector(machine, tt, `${spill}\nsaved\nretry`, tl)
    for (let tt = 0xc0; tt < 0x100; tt += 4) setVector(machine, tt, `${fill}\nrestored\nretry`, tl)
    setVector(machine, 0x24, `rdpr %cleanwin, %l0\ninc %l0\nwrpr %l0, 0, %cleanwin\n${clear.join('\n')}\nretry`, tl)
  }
}
