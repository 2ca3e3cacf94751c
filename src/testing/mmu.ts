import { ASI } from '../isa/index'
import {
  type ContextKind,
  createMmu,
  type DecodedEntry,
  decodeSfsr,
  formatTlb,
  LSU_DM,
  LSU_IM,
  MMU_MODELS,
  type Mmu,
  type MmuAccess,
  type MmuModel,
  type MmuModelName,
  type MmuSide,
  type MmuTrap,
  type Outcome,
  type TranslateRequest,
} from '../mmu/index'
import { hex, toU64, type U64Like } from '../u64'
import { asiOf } from './access-asi'
import { type EntryToLoad, encodeEntry, type PageSize } from './entry-to-load'
import {
  armWatchpoint,
  type Demap,
  demapAddress,
  type MmuRegisterName,
  REGISTER_ADDRESSES,
  type TsbFields,
  tsbRegister,
  type WatchpointFields,
} from './mmu-registers'

export interface TranslateOptions {
  /** Default `load`; `fetch` asks the instruction MMU. */
  access?: MmuAccess
  /** Which context register; or a context number, which stands in the primary context register for this access. Default nucleus. */
  context?: ContextKind | number
  /** Default true. */
  privileged?: boolean
  noFault?: boolean
  /** Bytes; default 8. */
  size?: number
  addressMask?: boolean
  /** Default: the ASI that belongs to the context. */
  asi?: number
}

export type Translation =
  | {
      readonly ok: true
      readonly va: bigint
      /** Physical byte address. */
      readonly pa: bigint
      /** The entry that was hit; undefined when the MMU is off. */
      readonly entry: DecodedEntry | undefined
      readonly cacheable: boolean
      readonly sideEffect: boolean
      readonly invertEndian: boolean
      readonly fixture: MmuFixture
    }
  | {
      readonly ok: false
      readonly va: bigint
      readonly trap: MmuTrap
      /** SFSR.FT bits of an access exception, else 0. */
      readonly faultType: number
      readonly fixture: MmuFixture
    }

/** One MMU, both sides enabled, with empty TLBs. */
export class MmuFixture {
  constructor(readonly mmu: Mmu) {}

  /** Reads a register. */
  register(name: MmuRegisterName): bigint {
    const [asi, va] = REGISTER_ADDRESSES[name]
    return this.mmu.loadAsi(asi, BigInt(va))
  }

  /** Writes a register. @throws RangeError if it is read-only. */
  setRegister(name: MmuRegisterName, value: U64Like): this {
    const [asi, va] = REGISTER_ADDRESSES[name]
    this.mmu.storeAsi(asi, BigInt(va), toU64(value, name))
    return this
  }

  /** The fields of the data or instruction SFSR. */
  sfsr(side: MmuSide = 'data'): ReturnType<typeof decodeSfsr> {
    return decodeSfsr(this.register(side === 'data' ? 'dataSfsr' : 'instructionSfsr'))
  }

  /**
   * Loads a TLB entry and gives its index, -1 if replacement found all locked. Tag access is put back.
   * @throws RangeError if the entry cannot be encoded
   */
  loadEntry(entry: EntryToLoad): number {
    const { mmu } = this
    const side = entry.side ?? 'data'
    const { tag, data } = encodeEntry(entry)
    const tagAccess = side === 'data' ? 'dmmuTagAccess' : 'immuTagAccess'
    const before = mmu.read(tagAccess)
    mmu.write(tagAccess, tag)
    let { index } = entry
    if (index === undefined) index = mmu.dataIn(side, data)
    else mmu.writeEntry(side, index, data)
    mmu.write(tagAccess, before)
    return index
  }

  /** An access, with all that it does to used bits and fault registers. */
  translate(va: U64Like, options: TranslateOptions = {}): Translation {
    return this.ask(va, options, (request) => {
      if (request.access === 'fetch') this.mmu.translateInstruction(request)
      else this.mmu.translateData(request)
      return this.mmu
    })
  }

  /** What an access would give, without any effect. */
  probe(va: U64Like, options: TranslateOptions = {}): Translation {
    return this.ask(va, options, (request) => this.mmu.probe(request))
  }

  /** Demaps a page in the context that a register holds. */
  demapPage(va: U64Like, context: ContextKind = 'nucleus', side: MmuSide = 'data'): this {
    return this.demap(side, { kind: 'page', va, context })
  }

  demapContext(context: ContextKind = 'nucleus', side: MmuSide = 'data'): this {
    return this.demap(side, { kind: 'context', context })
  }

  /** Demaps all that is not locked: UltraSPARC III and later. */
  demapAll(side: MmuSide = 'data'): this {
    return this.demap(side, { kind: 'all' })
  }

  entries(side: MmuSide = 'data'): DecodedEntry[] {
    return this.mmu.entries(side)
  }

  /**
   * The valid entries for an address in a context, in order: more than one are a multiple hit, an error of the software whose
   * outcome the manual leaves open (UltraSPARC-I 6.9.9, 6.9.10). Whether their array is looked in for a page of their size
   * is not asked.
   */
  matching(va: U64Like, context = 0, side: MmuSide = 'data'): DecodedEntry[] {
    const address = toU64(va, 'va')
    return this.entries(side).filter(
      (entry) =>
        entry.valid &&
        (entry.global || entry.context === context) &&
        address >= entry.va &&
        address < entry.va + BigInt(entry.pageBytes),
    )
  }

  /** Writes the TSB register of a side. @throws RangeError if its fields cannot be encoded */
  setTsb(fields: TsbFields, side: MmuSide = 'data'): this {
    return this.setRegister(side === 'data' ? 'dataTsb' : 'instructionTsb', tsbRegister(fields))
  }

  /** The TSB entry's address for a missing address, as the pointer register has it after the miss. */
  tsbPointer(va: U64Like, page: '8K' | '64K' = '8K', options: Pick<TranslateOptions, 'context'> = {}): bigint {
    const missed = this.translate(va, options)
    if (missed.ok || missed.trap !== 'fast_data_access_MMU_miss')
      throw new RangeError(
        `${hex(missed.va)} does not miss: ${missed.ok ? `it translates to ${hex(missed.pa)}` : missed.trap}`,
      )
    return this.register(page === '8K' ? 'dataTsbPointer8K' : 'dataTsbPointer64K')
  }

  /** Arms a data watchpoint, as its address and the LSU or DCU control register do. */
  watch(kind: 'virtual' | 'physical', fields: WatchpointFields): this {
    const control = armWatchpoint(this.register('lsuControl'), kind, fields)
    this.setRegister(kind === 'virtual' ? 'virtualWatchpoint' : 'physicalWatchpoint', fields.at)
    return this.setRegister('lsuControl', control)
  }

  /**
   * The page sizes of a context's set-associative data arrays: III Cu and IIIi.
   * @throws RangeError if the model has no such choice
   */
  setPageSizes(context: ContextKind, sizes: readonly [PageSize, PageSize]): this {
    if (!this.mmu.model.rules.contextPageSizes)
      throw new RangeError(`${this.mmu.model.name} has no page sizes in its context registers`)
    const [first, second] = sizes.map((size) => BigInt(SIZE_CODES.indexOf(size))) as [bigint, bigint]
    const [register, shiftFirst, shiftSecond] = PAGE_SIZE_FIELDS[context]
    const others = this.register(register) & ~((7n << shiftFirst) | (7n << shiftSecond))
    return this.setRegister(register, others | (first << shiftFirst) | (second << shiftSecond))
  }

  /** Both TLBs as tables. */
  toString(): string {
    return (['data', 'instruction'] as const)
      .map((side) => formatTlb(this.entries(side), { title: `${side} TLB` }))
      .join('\n')
  }

  private demap(side: MmuSide, demap: Demap): this {
    this.mmu.storeAsi(side === 'data' ? ASI.ASI_DMMU_DEMAP : ASI.ASI_IMMU_DEMAP, demapAddress(demap), 0n)
    return this
  }

  private ask(
    va: U64Like,
    options: TranslateOptions,
    how: (request: TranslateRequest) => Readonly<Outcome>,
  ): Translation {
    const { mmu } = this
    const {
      context = 'nucleus',
      access = 'load',
      privileged = true,
      noFault = false,
      size = 8,
      addressMask = false,
    } = options
    const kind = typeof context === 'number' ? 'primary' : context
    const asi = options.asi ?? asiOf(kind, noFault)
    const request = { va: toU64(va, 'va'), context: kind, access, privileged, asi, noFault, size, addressMask }
    const before = mmu.read('dmmuPrimaryContext')
    if (typeof context === 'number') this.setRegister('primaryContext', (before & ~CONTEXT_BITS) | BigInt(context))
    const { trap, faultType, pa, entry, cacheable, sideEffect, invertEndian } = how(request)
    if (typeof context === 'number') this.setRegister('primaryContext', before)
    if (trap !== undefined) return { ok: false, va: request.va, trap, faultType, fixture: this }
    const hit = entry < 0 ? undefined : mmu.entryAt(access === 'fetch' ? 'instruction' : 'data', entry)
    return { ok: true, va: request.va, pa: BigInt(pa), entry: hit, cacheable, sideEffect, invertEndian, fixture: this }
  }
}

const CONTEXT_BITS = 0x1fffn
const SIZE_CODES: readonly PageSize[] = ['8K', '64K', '512K', '4M']
/** Where the sizes of the two arrays stand (Linux arch/sparc/include/asm/mmu_64.h CTX_PGSZ*). */
const PAGE_SIZE_FIELDS = {
  primary: ['primaryContext', 16n, 19n],
  secondary: ['secondaryContext', 16n, 19n],
  nucleus: ['primaryContext', 61n, 58n],
} as const

/**
 * An MMU to test with: enabled unless `enabled` is false, TLBs empty, `ramBytes` (8 MiB) of RAM from physical address 0.
 * @param options.model a model or its name; default `spitfire`.
 */
export function mmu(
  options: { model?: MmuModel | MmuModelName; enabled?: boolean; ramBytes?: number } = {},
): MmuFixture {
  const { enabled = true, model = 'spitfire', ramBytes } = options
  const fixture = new MmuFixture(createMmu({ model: typeof model === 'string' ? MMU_MODELS[model] : model, ramBytes }))
  if (enabled) fixture.setRegister('lsuControl', LSU_IM | LSU_DM)
  return fixture
}
