import { ASI } from '../../asi'
import { AssemblyError, assemble } from '../../isa'
import { encodeTag, encodeTte } from '../../mmu'
import { Machine, type MemoryModel, type Snapshot } from '../../smp'
import { LitmusError, type LitmusTest } from './litmus-test'

const VARIABLES = 0x100n
const VARIABLE_BYTES = 0x40n
const CODE = 0x2000n
const THREAD_BYTES = 0x800n
const RAM = 0x4000
const TAG_ACCESS = 0x30n
const CACHES_AND_MMUS = 0xfn
/** A thread that makes no access in so many instructions does not end. */
const MOST_INVISIBLE = 10_000
const BANKS: Readonly<Record<string, number>> = { g: 0, o: 8, l: 16, i: 24 }

/** A litmus test on a machine with the reference engine: each thread privileged on a CPU of its own, in cacheable memory. */
export class LitmusMachine {
  readonly machine: Machine
  private readonly ends: readonly bigint[]
  private readonly addresses: Readonly<Record<string, bigint>>

  /** @throws LitmusError if a thread cannot be assembled; MachineError for a bad configuration */
  constructor(
    readonly test: LitmusTest,
    config: { readonly memoryModel?: MemoryModel; readonly storeBufferEntries?: number } = {},
  ) {
    const { threads, variables } = test
    this.machine = new Machine({ cpus: threads.length, ramBytes: RAM, ...config })
    const { machine } = this
    const names = Object.keys(variables)
    this.addresses = Object.fromEntries(names.map((name, n) => [name, VARIABLES + BigInt(n) * VARIABLE_BYTES]))
    for (const name of names) machine.poke(Number(this.addresses[name]), 8, variables[name]!)
    this.ends = threads.map((source, cpu) => this.startThread(source, cpu))
    for (const end of new Set(this.ends)) machine.addBreakpoint(end)
    machine.environment.exploring = true
  }

  private startThread(source: string, cpu: number): bigint {
    const { machine, test } = this
    const origin = CODE + BigInt(cpu) * THREAD_BYTES
    const bytes = this.assemble(source, cpu, origin)
    if (BigInt(bytes.length) >= THREAD_BYTES) throw new LitmusError(`${test.name}: thread ${cpu} is too long`)
    machine.memory.writeBytes(Number(origin), bytes)
    const { mmu } = machine.cpus[cpu]!
    const page = encodeTte({ pa: 0n, size: 0x40_0000, locked: true, global: true, writable: true })
    for (const [registers, dataIn] of [
      [ASI.ASI_IMMU, ASI.ASI_ITLB_DATA_IN_REG],
      [ASI.ASI_DMMU, ASI.ASI_DTLB_DATA_IN_REG],
    ] as const) {
      mmu.storeAsi(registers, TAG_ACCESS, encodeTag(0n, 0))
      mmu.storeAsi(dataIn, 0n, page)
    }
    mmu.storeAsi(ASI.ASI_LSU_CONTROL_REG, 0n, CACHES_AND_MMUS)
    machine.start(cpu, origin)
    return origin + BigInt(bytes.length)
  }

  private assemble(source: string, cpu: number, origin: bigint): Uint8Array {
    try {
      return assemble(source, { origin, symbols: this.addresses, file: `${this.test.name} thread ${cpu}` }).bytes
    } catch (error) {
      if (error instanceof AssemblyError) throw new LitmusError(error.message, { cause: error })
      throw error
    }
  }

  /** CPUs whose threads have not ended. */
  runnable(): number[] {
    return this.machine.cpus.filter((cpu) => cpu.get('pc') !== this.ends[cpu.index]).map((cpu) => cpu.index)
  }

  buffering(): number[] {
    return this.machine.environment.storeBuffers?.buffering() ?? []
  }

  /** Lets a thread go on up to and with its next access to memory. @throws LitmusError if it traps or does not end */
  step(cpu: number): void {
    const stop = this.machine.step(cpu, MOST_INVISIBLE)
    if (stop === 'visible' || stop === 'breakpoint') return
    const why = stop === 'budget' ? 'does not end' : `traps (${stop})`
    throw new LitmusError(`${this.test.name}: thread ${cpu} ${why}`)
  }

  drain(cpu: number): void {
    this.machine.drain(cpu)
  }

  /** What is observed, by name. @throws LitmusError for a name that means nothing */
  outcome(): Record<string, bigint> {
    return Object.fromEntries(this.test.observed.map((name) => [name, this.valueOf(name)]))
  }

  private valueOf(name: string): bigint {
    const register = /^(\d+):%([goli])([0-7])$/.exec(name)
    if (register !== null) {
      const cpu = this.machine.cpus[Number(register[1])]
      if (cpu !== undefined) return BigInt.asUintN(64, cpu.r(BANKS[register[2]!]! + Number(register[3])))
    }
    const [variable, size = '4'] = name.split(':')
    const address = this.addresses[variable!]
    if (address === undefined || !/^[1248]$/.test(size))
      throw new LitmusError(`${this.test.name}: ${name} is neither a register such as 0:%o0 nor a variable`)
    return this.machine.peek(Number(address), Number(size) as 1 | 2 | 4 | 8)
  }

  save(): Snapshot {
    return this.machine.snapshot()
  }

  restore(state: Snapshot): void {
    this.machine.restore(state)
  }

  key(): bigint {
    return this.machine.explorationHash().digest()
  }
}
