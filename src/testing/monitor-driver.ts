import { ASI, ASIS, trapTypeName } from '../isa/index'
import { decodeSfsr, type MmuModelName } from '../mmu/index'
import { hex, toU64 } from '../u64'
import { AsiMmuDriver } from './asi-driver'
import { type Access, type AccessReport, DriverError, type MmuDriver } from './mmu-driver'
import {
  addressOfFetched,
  addressOfPattern,
  COMMAND,
  COMMAND_BYTES,
  DONE_TRAP,
  FETCHED_TRAP,
  MONITOR_BASE,
  MOST_COMMANDS,
  type MonitorRoutine,
  monitorProgram,
  RESULT,
  WINDOW_BYTES,
  windowPattern,
} from './monitor-program'

/** A CPU with RAM that the monitor is put into. */
export interface MonitorHost {
  readonly name: string
  readonly model: MmuModelName
  readonly deviations: MmuDriver['deviations']
  /** Physical memory. */
  read(pa: bigint, length: number): Promise<Uint8Array>
  write(pa: bigint, bytes: Uint8Array): Promise<void>
  /** Whether megabytes are written at once; else the monitor itself fills the window. */
  readonly writesFast: boolean
  /** Executes from a PC until `end` is reached. @throws DriverError if it is not */
  run(pc: bigint, end: bigint): Promise<void>
  close(): Promise<void>
}

const PSTATE_PRIV = 4n
const PSTATE_AM = 8n
const PSTATE_PEF = 0x10n
const PAGE_OFFSET = 0x1fffn
const ALL_ONES = (1n << 64n) - 1n

/** Drives any CPU that the monitor runs on. */
export class MonitorDriver extends AsiMmuDriver {
  readonly windowBytes = WINDOW_BYTES
  private control = 0n
  private ready = false
  private closed = false

  constructor(private readonly host: MonitorHost) {
    super(host.model, { va: MONITOR_BASE, bytes: 0x1_0000 })
  }

  get name(): string {
    return this.host.name
  }

  get deviations(): MmuDriver['deviations'] {
    return this.host.deviations
  }

  /** Puts the monitor and the pattern into memory, and resets. */
  async start(): Promise<this> {
    const { image, at } = monitorProgram()
    await this.host.write(MONITOR_BASE, image.bytes)
    if (this.host.writesFast) await this.host.write(0n, windowPattern())
    else await this.host.run(at('fill'), at('finished'))
    this.ready = true
    await this.reset()
    return this
  }

  async perform(accesses: readonly Access[]): Promise<AccessReport[]> {
    if (!this.ready || this.closed)
      throw new DriverError(`${this.name}: the driver ${this.closed ? 'is closed' : 'was not started'}`)
    const reports: AccessReport[] = []
    for (const batch of batches(accesses)) {
      const results = await this.execute(batch)
      for (const [n, result] of results.entries()) reports.push(await this.report(batch[n]!, result))
    }
    return reports
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.host.close()
  }

  /** Executes at most {@link MOST_COMMANDS} accesses; gives their commands as the monitor left them. */
  private async execute(accesses: readonly Access[]): Promise<DataView[]> {
    const { mailbox, at } = monitorProgram()
    const commands = new Uint8Array((accesses.length + 1) * COMMAND_BYTES)
    let { control } = this
    for (const [n, access] of accesses.entries()) {
      writeCommand(new DataView(commands.buffer, n * COMMAND_BYTES), access, control)
      if (access.access === 'store' && access.asi === ASI.ASI_LSU_CONTROL_REG)
        control = toU64(access.value ?? 0, 'value')
    }
    await this.host.write(mailbox, commands)
    await this.host.run(at('begin'), at('finished'))
    this.control = control
    const results = await this.host.read(mailbox, accesses.length * COMMAND_BYTES)
    return accesses.map((_, n) => new DataView(results.buffer, results.byteOffset + n * COMMAND_BYTES, COMMAND_BYTES))
  }

  private async report(access: Access, result: DataView): Promise<AccessReport> {
    const va = toU64(access.va, 'va')
    const get = (offset: number) => result.getBigUint64(offset)
    const registers = {
      dataSfsr: get(RESULT.dataSfsr),
      dataSfar: get(RESULT.dataSfar),
      dataTagAccess: get(RESULT.dataTagAccess),
      instructionSfsr: get(RESULT.instructionSfsr),
      instructionTagAccess: get(RESULT.instructionTagAccess),
    }
    const trapType = Number(get(RESULT.trapType))
    if (trapType === (access.access === 'fetch' ? FETCHED_TRAP : DONE_TRAP)) {
      const value = access.access === 'fetch' ? 0n : get(RESULT.value)
      return { ok: true, va, value, ...(await this.trace(access, va, result)), registers }
    }
    const trap = trapTypeName(trapType)
    const sfsr = trap.startsWith('instruction_') ? registers.instructionSfsr : registers.dataSfsr
    const faultType = trap.endsWith('_access_exception') ? decodeSfsr(sfsr).faultType : 0
    return { ok: false, va, trap, trapType, faultType, registers }
  }

  /** Where an access that did not trap went. */
  private async trace(access: Access, va: bigint, result: DataView): Promise<Trace> {
    const value = result.getBigUint64(RESULT.value)
    if (access.access === 'fetch') return { ...UNKNOWN, pa: addressOfFetched(result.getBigUint64(RESULT.fetched)) }
    if (access.access === 'flush' || !reachesMemory(access)) return UNKNOWN
    const { size = 8 } = access
    if (access.access === 'store' || (access.access === 'atomic' && size < 8))
      return { ...UNKNOWN, pa: await this.findChange(va) }
    if (access.access !== 'quad' && size === 8) return traceOf(value, va, access.asi)
    const [whole] = await this.execute([
      { ...access, access: 'load', size: 8, va: va & ~7n, asi: QUAD_AS_LOAD.get(access.asi) ?? access.asi },
    ])
    if (Number(whole!.getBigUint64(RESULT.trapType)) !== DONE_TRAP) return UNKNOWN
    return traceOf(whole!.getBigUint64(RESULT.value), va, access.asi)
  }

  /** The physical address that a store to `va` changed; puts back what was there. */
  private async findChange(va: bigint): Promise<bigint | undefined> {
    const { mailbox, at } = monitorProgram()
    const word = new Uint8Array(8)
    new DataView(word.buffer).setBigUint64(0, va & PAGE_OFFSET & ~7n)
    await this.host.write(mailbox, word)
    await this.host.run(at('scan'), at('finished'))
    const found = await this.host.read(mailbox, 8)
    const pa = new DataView(found.buffer, found.byteOffset).getBigUint64(0)
    return pa === ALL_ONES ? undefined : pa | (va & 7n)
  }
}

interface Trace {
  readonly pa: bigint | undefined
  readonly invertEndian: boolean | undefined
}

const UNKNOWN: Trace = { pa: undefined, invertEndian: undefined }
const LITTLE_BIT = 8
const QUAD_AS_LOAD = new Map<number, number>([
  [ASI.ASI_NUCLEUS_QUAD_LDD, ASI.ASI_NUCLEUS],
  [ASI.ASI_NUCLEUS_QUAD_LDD_LITTLE, ASI.ASI_NUCLEUS_LITTLE],
])

/** From a doubleword of the window as it was loaded. */
function traceOf(value: bigint, va: bigint, asi: number): Trace {
  const straight = addressOfPattern(value)
  const base = straight ?? addressOfPattern(swapped(value))
  if (base === undefined) return UNKNOWN
  const little = (asi & LITTLE_BIT) !== 0
  return { pa: base | (va & 7n), invertEndian: (straight === undefined) !== little }
}

function swapped(value: bigint): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, value)
  return view.getBigUint64(0, true)
}

const MEMORY_ASIS = new Set(ASIS.filter(({ what }) => what.kind !== 'register').map(({ number }) => number))

function reachesMemory({ asi }: Access): boolean {
  return MEMORY_ASIS.has(asi)
}

/** Cuts behind each access whose way is looked for in memory, and where the mailbox is full. */
function* batches(accesses: readonly Access[]): Generator<Access[]> {
  let batch: Access[] = []
  for (const access of accesses) {
    batch.push(access)
    const traced = access.access !== 'fetch' && reachesMemory(access)
    if (!traced && batch.length < MOST_COMMANDS) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** @throws RangeError if no instruction makes such an access */
function writeCommand(command: DataView, access: Access, control: bigint): void {
  const { privileged = true, addressMask = false, trapLevel = 0, asi } = access
  const put = (offset: number, value: bigint) => command.setBigUint64(offset, value)
  const va = toU64(access.va, 'va')
  if (!Number.isInteger(asi) || asi < 0 || asi > 0xff) throw new RangeError(`asi: expected 0 to 255, got ${asi}`)
  if (access.access === 'fetch' && va & 7n)
    throw new RangeError(`va of a fetch: expected a multiple of 8, got ${hex(va)}`)
  put(COMMAND.routine, monitorProgram().at(routineOf(access)))
  put(COMMAND.asi, BigInt(asi))
  put(COMMAND.va, va)
  put(COMMAND.value, toU64(access.value ?? 0, 'value'))
  put(COMMAND.operand, toU64(access.swap ?? 0, 'swap'))
  put(COMMAND.control, control)
  put(COMMAND.pstate, PSTATE_PEF | (privileged ? PSTATE_PRIV : 0n) | (addressMask ? PSTATE_AM : 0n))
  put(COMMAND.level, BigInt(trapLevel))
}

const SIZES: Readonly<Record<Access['access'], readonly number[]>> = {
  load: [1, 2, 4, 8],
  store: [1, 2, 4, 8],
  atomic: [1, 4, 8],
  quad: [16],
  flush: [8],
  fetch: [8],
}

function routineOf({ access, size = access === 'quad' ? 16 : 8 }: Access): MonitorRoutine {
  const sizes = SIZES[access]
  if (!sizes.includes(size)) throw new RangeError(`size of ${access}: expected ${sizes.join(', ')}, got ${size}`)
  return `${access}${size}` as MonitorRoutine
}
