import { ASI } from '../isa/index'
import {
  type ContextKind,
  type DecodedEntry,
  decodeEntry,
  decodeSfsr,
  entryAddress,
  LSU_DM,
  LSU_IM,
  MMU_MODELS,
  type MmuModel,
  type MmuModelName,
  type MmuSide,
  tlbEntries,
} from '../mmu/index'
import { hex, toU64, type U64Like } from '../u64'
import { asiOf } from './access-asi'
import { type EntryToLoad, encodeEntry } from './entry-to-load'
import { type Access, type AccessOptions, type AccessReport, DriverError, type MmuDriver } from './mmu-driver'
import { type Demap, demapAddress, type MmuRegisterName, REGISTER_ADDRESSES } from './mmu-registers'

const SIDES = {
  data: {
    dataIn: ASI.ASI_DTLB_DATA_IN_REG,
    dataAccess: ASI.ASI_DTLB_DATA_ACCESS_REG,
    tagRead: ASI.ASI_DTLB_TAG_READ_REG,
    demap: ASI.ASI_DMMU_DEMAP,
    tagAccess: 'dataTagAccess',
    sfsr: 'dataSfsr',
  },
  instruction: {
    dataIn: ASI.ASI_ITLB_DATA_IN_REG,
    dataAccess: ASI.ASI_ITLB_DATA_ACCESS_REG,
    tagRead: ASI.ASI_ITLB_TAG_READ_REG,
    demap: ASI.ASI_IMMU_DEMAP,
    tagAccess: 'instructionTagAccess',
    sfsr: 'instructionSfsr',
  },
} as const

/** The 64K page that a driver's own code is in, which it maps at the same address. */
export interface DriverPage {
  readonly va: bigint
  readonly bytes: number
}

/** A driver that does everything by loads and stores with ASIs; an implementation adds how they are executed. */
export abstract class AsiMmuDriver implements MmuDriver {
  abstract readonly name: string
  abstract readonly deviations: MmuDriver['deviations']
  abstract readonly windowBytes: number
  readonly reserved: MmuDriver['reserved']
  private readonly shape: MmuModel

  constructor(
    readonly model: MmuModelName,
    page: DriverPage,
  ) {
    this.shape = MMU_MODELS[model]
    this.reserved = { ...page, index: this.shape.instructionTlb.arrays[0]!.entries - 1 }
  }

  abstract perform(accesses: readonly Access[]): Promise<AccessReport[]>
  abstract close(): Promise<void>

  async reset(): Promise<void> {
    const { va } = this.reserved
    const own = { va, pa: va, size: '64K', locked: true, global: true, index: this.reserved.index } as const
    await this.must([
      store(ASI.ASI_LSU_CONTROL_REG, 0n, 0n),
      ...(['data', 'instruction'] as const).flatMap((side) => this.emptied(side)),
      ...this.shape.registers
        .filter(({ asi, va, read, write }) => read && write && (asi === ASI.ASI_DMMU || asi === ASI.ASI_IMMU) && va > 0)
        .map((row) => store(row.asi, row.va, 0n)),
      ...this.entryStores({ ...own, side: 'instruction' }),
      storeRegister('instructionTagAccess', 0n),
      store(ASI.ASI_LSU_CONTROL_REG, 0n, LSU_IM | LSU_DM),
    ])
  }

  async loadAsi(asi: number, va: U64Like): Promise<bigint> {
    const [value] = await this.must([{ access: 'load', asi, va }])
    return value!
  }

  async storeAsi(asi: number, va: U64Like, value: U64Like): Promise<void> {
    await this.must([store(asi, va, value)])
  }

  async register(name: MmuRegisterName): Promise<bigint> {
    const [asi, va] = REGISTER_ADDRESSES[name]
    return this.loadAsi(asi, va)
  }

  async setRegister(name: MmuRegisterName, value: U64Like): Promise<void> {
    await this.must([storeRegister(name, toU64(value, name))])
  }

  async sfsr(side: MmuSide = 'data'): Promise<ReturnType<typeof decodeSfsr>> {
    return decodeSfsr(await this.register(SIDES[side].sfsr))
  }

  async loadEntry(entry: EntryToLoad): Promise<void> {
    await this.must(this.entryStores(entry))
  }

  async entries(side: MmuSide = 'data'): Promise<DecodedEntry[]> {
    const { dataAccess, tagRead } = SIDES[side]
    const tlb = side === 'data' ? this.shape.dataTlb : this.shape.instructionTlb
    const places = tlb.arrays.flatMap(({ name, entries }) =>
      Array.from({ length: entries }, (_, slot) => ({ array: name, slot })),
    )
    const words = await this.must(
      places.flatMap((_, index) => {
        const va = entryAddress(this.shape, side, index)
        return [
          { access: 'load', asi: tagRead, va },
          { access: 'load', asi: dataAccess, va },
        ] as const
      }),
    )
    return places.map((place, index) => {
      const [tag, data] = [words[2 * index]!, words[2 * index + 1]!]
      const used = (data & tlb.usedBit) !== 0n
      return decodeEntry(index, tag, data, this.shape.physicalBits, { used, observed: false, ...place })
    })
  }

  async demap(demap: Demap, side: MmuSide = 'data'): Promise<void> {
    await this.storeAsi(SIDES[side].demap, demapAddress(demap), 0n)
  }

  async demapPage(va: U64Like, context: ContextKind = 'nucleus', side: MmuSide = 'data'): Promise<void> {
    await this.demap({ kind: 'page', va, context }, side)
  }

  async demapContext(context: ContextKind = 'nucleus', side: MmuSide = 'data'): Promise<void> {
    await this.demap({ kind: 'context', context }, side)
  }

  async demapAll(side: MmuSide = 'data'): Promise<void> {
    await this.demap({ kind: 'all' }, side)
  }

  async translate(va: U64Like, options: AccessOptions = {}): Promise<AccessReport> {
    const { access = 'load', context = 'nucleus', noFault = false, asi = asiOf(context, noFault), ...rest } = options
    if (access === 'fetch' && context === 'secondary') throw new RangeError('context of a fetch: primary or nucleus')
    const trapLevel = (access === 'fetch' || access === 'flush') && context === 'nucleus' ? 1 : 0
    const [report] = await this.perform([{ va, access, asi, trapLevel, ...rest }])
    return report!
  }

  private emptied(side: MmuSide): Access[] {
    const size = tlbEntries(side === 'data' ? this.shape.dataTlb : this.shape.instructionTlb)
    const { dataAccess, tagAccess } = SIDES[side]
    return [
      storeRegister(tagAccess, 0n),
      ...Array.from({ length: size }, (_, index) => store(dataAccess, entryAddress(this.shape, side, index), 0n)),
    ]
  }

  private entryStores(entry: EntryToLoad): Access[] {
    const { side = 'data', index } = entry
    const { tag, data } = encodeEntry(entry)
    const { dataIn, dataAccess, tagAccess } = SIDES[side]
    return [
      storeRegister(tagAccess, tag),
      index === undefined ? store(dataIn, 0n, data) : store(dataAccess, entryAddress(this.shape, side, index), data),
    ]
  }

  /** Performs what may not trap; gives what was loaded. */
  private async must(accesses: readonly Access[]): Promise<bigint[]> {
    const reports = await this.perform(accesses)
    return reports.map((report, n) => {
      if (report.ok) return report.value
      const { access, asi } = accesses[n]!
      throw new DriverError(
        `${this.name}: ${access} at ASI ${hex(BigInt(asi))}, VA ${hex(report.va)} took ${report.trap}`,
      )
    })
  }
}

function store(asi: number, va: U64Like, value: U64Like): Access {
  return { access: 'store', asi, va, value }
}

function storeRegister(name: MmuRegisterName, value: U64Like): Access {
  const [asi, va] = REGISTER_ADDRESSES[name]
  return store(asi, va, value)
}
