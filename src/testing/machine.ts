import { Machine, type MachineConfig, type MachineEvents } from '../index'
import { type Assembled, assemble } from '../isa/index'
import { toU64, type U64Like } from '../u64'
import type { EntryToLoad } from './entry-to-load'
import { MmuFixture } from './mmu'

/** Windowed and global registers by their assembler names: %g0 .. %i7, %r0 .. %r31, %sp, %fp. */
export type RegisterName = `%${'g' | 'o' | 'l' | 'i'}${number}` | `%r${number}` | '%sp' | '%fp'

/** Other registers, read and written as {@link SnippetResult.state} and {@link SnippetOptions.state}. */
export type StateName =
  | 'y'
  | 'ccr'
  | 'asi'
  | 'fprs'
  | 'fsr'
  | 'gsr'
  | 'pstate'
  | 'tl'
  | 'pil'
  | 'cwp'
  | 'tba'
  | 'softint'

export interface SnippetOptions {
  /** Default 0. */
  cpu?: number
  registers?: Partial<Record<RegisterName, U64Like>>
  state?: Partial<Record<StateName, U64Like>>
  /** PSTATE.PRIV; default true. */
  privileged?: boolean
  /** Address of the snippet when it was assembled without an origin; default 0x10000. */
  at?: U64Like
  /** Most instructions to execute before the run counts as lost; default 100,000. */
  limit?: number
}

/** Where a snippet ended: behind its last instruction, or at the first trap, whose handler has not begun. */
export interface SnippetResult {
  readonly instructions: number
  readonly trap: Parameters<MachineEvents['trap']>[0] | undefined
  readonly pc: bigint
  register(name: RegisterName): bigint
  state(name: StateName): bigint
}

/** A snippet that did not end. */
export class SnippetError extends Error {
  override readonly name = 'SnippetError'
}

/** LSU control: both caches and both MMUs. */
const CACHES_AND_MMUS = 0xf
const DEFAULT_AT = 0x1_0000n
const PSTATE_PRIV = 4n
/** AG, MG and IG: a trap selects other globals. */
const PSTATE_GLOBALS = 0xc01n

/** The 4 MB page that maps virtual addresses to themselves, in the last entry of the array that holds any page. */
function identity({ mmu }: MmuFixture, side: 'instruction' | 'data'): EntryToLoad & { index: number } {
  const index = (side === 'data' ? mmu.model.dataTlb : mmu.model.instructionTlb).arrays[0]!.entries - 1
  return { va: 0, pa: 0, size: '4M', locked: true, global: true, writable: true, side, index }
}

/**
 * A machine for tests. Each CPU begins with MMUs on and addresses below 4 MB mapped to themselves, cacheable, for everybody;
 * a test that loads data entries of its own starts from an empty data TLB.
 */
export class MachineFixture {
  readonly machine: Machine
  /** The MMU of each CPU. */
  readonly mmus: readonly MmuFixture[]
  private readonly translated = new Set<number>()

  constructor(config: MachineConfig = {}) {
    this.machine = new Machine({ ramBytes: 1 << 20, ...config })
    this.mmus = this.machine.mmus.map((mmu) => new MmuFixture(mmu))
    for (const mmu of this.mmus) {
      mmu.loadEntry(identity(mmu, 'instruction'))
      mmu.loadEntry(identity(mmu, 'data'))
      mmu.setRegister('lsuControl', CACHES_AND_MMUS)
    }
  }

  /** Replaces the data side's identity mapping of a CPU by entries. Snippets are still fetched from where they are. */
  translate(entries: readonly EntryToLoad[], cpu = 0): this {
    const mmu = this.mmus[cpu]
    if (mmu === undefined) throw new RangeError(`cpu: expected 0 to ${this.mmus.length - 1}, got ${cpu}`)
    if (!this.translated.has(cpu)) mmu.mmu.writeEntry('data', identity(mmu, 'data').index, 0n)
    this.translated.add(cpu)
    for (const entry of entries) mmu.loadEntry(entry)
    return this
  }

  /** Big-endian value at a physical address. */
  peek(pa: number, size: 1 | 2 | 4 | 8 = 8): bigint {
    return this.machine.peek(pa, size)
  }

  poke(pa: number, value: U64Like, size: 1 | 2 | 4 | 8 = 8): this {
    this.machine.poke(pa, size, toU64(value, 'value'))
    return this
  }

  /**
   * Runs a snippet of assembly on one CPU until it falls off its end or traps.
   * @throws AssemblyError, SnippetError if it does neither within the limit
   */
  run(snippet: string | Assembled, options: SnippetOptions = {}): SnippetResult {
    const { cpu = 0, limit = 100_000, privileged = true } = options
    const registers = this.machine.cpus[cpu]
    if (registers === undefined) throw new RangeError(`cpu: expected 0 to ${this.machine.cpus.length - 1}, got ${cpu}`)
    const code = this.place(snippet, toU64(options.at ?? DEFAULT_AT, 'at'), cpu)
    this.machine.start(cpu, code.origin)
    registers.set('tl', 0n)
    const pstate = registers.get('pstate') & ~PSTATE_GLOBALS
    registers.set('pstate', privileged ? pstate | PSTATE_PRIV : pstate & ~PSTATE_PRIV)
    for (const [name, value] of Object.entries(options.state ?? {}))
      registers.set(name as StateName, toU64(value!, name))
    registers.modeChanged()
    for (const [name, value] of Object.entries(options.registers ?? {}))
      registers.setR(registerNumber(name), toU64(value!, name))
    return this.untilEnd(cpu, code.origin, code.origin + BigInt(code.bytes.length), limit)
  }

  private place(snippet: string | Assembled, at: bigint, cpu: number): Assembled {
    const moved = typeof snippet === 'string' ? assemble(snippet, { origin: at, file: 'snippet' }) : snippet
    const origin = moved.origin === 0n ? at : moved.origin
    const pa = this.machine.translate(cpu, origin, 'fetch') ?? Number(origin)
    this.machine.memory.writeBytes(pa, moved.bytes)
    return { ...moved, origin }
  }

  private untilEnd(cpu: number, start: bigint, end: bigint, limit: number): SnippetResult {
    const { machine } = this
    const registers = machine.cpus[cpu]!
    let trap: SnippetResult['trap']
    const onTrap: MachineEvents['trap'] = (event) => {
      if (event.cpu !== cpu) return
      trap ??= event
      registers.stopWith('breakpoint')
    }
    machine.events.on('trap', onTrap)
    let instructions = 0
    try {
      while (trap === undefined && registers.get('pc') !== end) {
        if (instructions++ >= limit)
          throw new SnippetError(
            `the snippet at 0x${start.toString(16)} did not end within ${limit} instructions; it is at 0x${registers.get('pc').toString(16)}`,
          )
        machine.step(cpu)
      }
    } finally {
      machine.events.off('trap', onTrap)
    }
    return {
      instructions,
      trap,
      pc: trap?.pc ?? registers.get('pc'),
      register: (name) => registers.r(registerNumber(name)),
      state: (name) => registers.get(name),
    }
  }
}

/** A machine in one line: `machine({ cpus: 2 })`. */
export function machine(config: MachineConfig = {}): MachineFixture {
  return new MachineFixture(config)
}

const BANKS = { r: 0, g: 0, o: 8, l: 16, i: 24 } as const

function registerNumber(name: string): number {
  if (name === '%sp') return 14
  if (name === '%fp') return 30
  const [, bank, digits] = /^%([rgoli])(\d+)$/.exec(name) ?? []
  const number = Number(digits)
  if (bank === undefined || number >= (bank === 'r' ? 32 : 8))
    throw new RangeError(`expected a register such as %o0, %g1 or %r5, got ${name}`)
  return BANKS[bank as keyof typeof BANKS] + number
}
