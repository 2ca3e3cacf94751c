import { ASI } from '../isa/index'
import {
  type ContextKind,
  createMmu,
  type DecodedEntry,
  decodeSfsr,
  encodeTag,
  encodeTte,
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
  type PageBytes,
  type TranslateRequest,
} from '../mmu/index'
import { toU64, type U64Like } from '../u64'

export type PageSize = '8K' | '64K' | '512K' | '4M'

const PAGE_BYTES: Record<PageSize, PageBytes> = { '8K': 0x2000, '64K': 0x10000, '512K': 0x80000, '4M': 0x400000 }

/** A TLB entry to load. What is left out is false, except `size` (8K), `context` (0) and `cacheable` (true). */
export interface EntryToLoad {
  va: U64Like
  pa: U64Like
  /** A context number, 0 .. 8191. */
  context?: number
  size?: PageSize
  writable?: boolean
  privileged?: boolean
  locked?: boolean
  global?: boolean
  cacheable?: boolean
  sideEffect?: boolean
  invertEndian?: boolean
  noFaultOnly?: boolean
  /** Default `data`. */
  side?: MmuSide
  /** The entry to write, among all of the TLB; left out, automatic replacement chooses. */
  index?: number
}

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

const ASIS: Record<ContextKind, number> = {
  primary: ASI.ASI_PRIMARY,
  secondary: ASI.ASI_SECONDARY,
  nucleus: ASI.ASI_NUCLEUS,
}
const NO_FAULT_ASIS: Record<ContextKind, number> = {
  primary: ASI.ASI_PRIMARY_NO_FAULT,
  secondary: ASI.ASI_SECONDARY_NO_FAULT,
  nucleus: ASI.ASI_NUCLEUS,
}

/** The registers that tests ask for, by name: [ASI, address]. */
const REGISTER_ADDRESSES = {
  lsuControl: [ASI.ASI_LSU_CONTROL_REG, 0x00],
  primaryContext: [ASI.ASI_DMMU, 0x08],
  secondaryContext: [ASI.ASI_DMMU, 0x10],
  dataTagTarget: [ASI.ASI_DMMU, 0x00],
  dataSfsr: [ASI.ASI_DMMU, 0x18],
  dataSfar: [ASI.ASI_DMMU, 0x20],
  dataTsb: [ASI.ASI_DMMU, 0x28],
  dataTagAccess: [ASI.ASI_DMMU, 0x30],
  virtualWatchpoint: [ASI.ASI_DMMU, 0x38],
  physicalWatchpoint: [ASI.ASI_DMMU, 0x40],
  dataTsbPointer8K: [ASI.ASI_DMMU_TSB_8KB_PTR_REG, 0x00],
  dataTsbPointer64K: [ASI.ASI_DMMU_TSB_64KB_PTR_REG, 0x00],
  dataTsbDirectPointer: [ASI.ASI_DMMU_TSB_DIRECT_PTR_REG, 0x00],
  instructionTagTarget: [ASI.ASI_IMMU, 0x00],
  instructionSfsr: [ASI.ASI_IMMU, 0x18],
  instructionTsb: [ASI.ASI_IMMU, 0x28],
  instructionTagAccess: [ASI.ASI_IMMU, 0x30],
  instructionTsbPointer8K: [ASI.ASI_IMMU_TSB_8KB_PTR_REG, 0x00],
  instructionTsbPointer64K: [ASI.ASI_IMMU_TSB_64KB_PTR_REG, 0x00],
  // Of UltraSPARC III and later
  dcuControl: [ASI.ASI_LSU_CONTROL_REG, 0x00],
  dataTsbPrimaryExtension: [ASI.ASI_DMMU, 0x48],
  dataTsbSecondaryExtension: [ASI.ASI_DMMU, 0x50],
  dataTsbNucleusExtension: [ASI.ASI_DMMU, 0x58],
  dataTagAccessExtension: [ASI.ASI_DMMU, 0x60],
  instructionTsbPrimaryExtension: [ASI.ASI_IMMU, 0x48],
  instructionTsbNucleusExtension: [ASI.ASI_IMMU, 0x58],
} as const

export type MmuRegisterName = keyof typeof REGISTER_ADDRESSES

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
    const data = encodeTte({ ...entry, pa: toU64(entry.pa, 'pa'), size: PAGE_BYTES[entry.size ?? '8K'] })
    const tag = encodeTag(toU64(entry.va, 'va'), entry.context ?? 0)
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
    return this.demap(side, (toU64(va, 'va') & ~0x1fffn) | DEMAP_CONTEXTS[context])
  }

  demapContext(context: ContextKind = 'nucleus', side: MmuSide = 'data'): this {
    return this.demap(side, 0x40n | DEMAP_CONTEXTS[context])
  }

  /** Demaps all that is not locked: UltraSPARC III and later. */
  demapAll(side: MmuSide = 'data'): this {
    return this.demap(side, 0x80n)
  }

  entries(side: MmuSide = 'data'): DecodedEntry[] {
    return this.mmu.entries(side)
  }

  /** Both TLBs as tables. */
  toString(): string {
    return (['data', 'instruction'] as const)
      .map((side) => formatTlb(this.entries(side), { title: `${side} TLB` }))
      .join('\n')
  }

  private demap(side: MmuSide, operation: bigint): this {
    this.mmu.storeAsi(side === 'data' ? ASI.ASI_DMMU_DEMAP : ASI.ASI_IMMU_DEMAP, operation, 0n)
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
    const asi = options.asi ?? (noFault ? NO_FAULT_ASIS : ASIS)[kind]
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
const DEMAP_CONTEXTS: Record<ContextKind, bigint> = { primary: 0x00n, secondary: 0x10n, nucleus: 0x20n }

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
