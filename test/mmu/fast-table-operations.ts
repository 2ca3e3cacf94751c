import {
  type ContextKind,
  encodeTag,
  encodeTte,
  LSU_DM,
  LSU_IM,
  LSU_PM_SHIFT,
  LSU_PR,
  LSU_PW,
  LSU_VM_SHIFT,
  LSU_VR,
  LSU_VW,
  MMU_MODELS,
  Mmu,
  type MmuModelName,
  PAGE_SIZES,
  tlbEntries,
} from '../../src/mmu/index'
import { Arena } from '../../src/state/arena'
import { createLayout } from '../../src/state/layout'
import { type PlainEntry, type PlainShape, type PlainSizes, PlainTlb, type PlainWatchpoint } from './plain-tlb'

/** A source of random numbers. */
export interface Draw {
  /** 0 to `bound` - 1. */
  below(bound: number): number
}

/** The fast table, or the TLB, is not what the plain model says. */
export class FastTableDifference extends Error {
  override readonly name = 'FastTableDifference'
}

export type FastTableOperation =
  | { kind: 'insert'; entry: PlainEntry; index: number | undefined; sizes: number }
  | { kind: 'demapPage'; va: bigint; register: ContextKind }
  | { kind: 'demapContext'; register: ContextKind }
  | { kind: 'demapAll' }
  | { kind: 'context'; register: 'primary' | 'secondary'; number: number; sizes: number; nucleusSizes: number }
  | { kind: 'watch'; virtual: PlainWatchpoint; physical: PlainWatchpoint }
  | { kind: 'enable'; on: boolean }
  | { kind: 'save' }
  | { kind: 'restore' }
  | {
      kind: 'access'
      va: bigint
      register: ContextKind
      write: boolean
      atomic: boolean
      privileged: boolean
      noFault: boolean
      allowWrite: boolean
      /** A load of the same follows. */
      again: boolean
    }

const REGISTERS = ['primary', 'secondary', 'nucleus'] as const
/** Few pages, many collisions: neighbours, aliases of one fast entry, high addresses, pages of several sizes over each other. */
const BASES = [0n, 0x20_0000n, 0xffff_f800_0000_0000n]
const ENTRY_SIZES = [0, 0, 0, 0, 0, 1, 2, 3]
const FIRST_SIZES = [0, 0, 0, 1, 2, 3, 6]
const SECOND_SIZES = [0, 1, 2, 3, 3, 3, 5]
const MASK_32 = 0xffff_ffffn
const NO_WATCHPOINT: PlainWatchpoint = { address: 0n, onRead: false, onWrite: false }

const pick = <T>(draw: Draw, items: readonly T[]): T => items[draw.below(items.length)]!
const once = (draw: Draw, times: number): boolean => draw.below(times) === 0
const pageOf = (draw: Draw): bigint => pick(draw, BASES) + BigInt(draw.below(3)) * 0x2000n
const wordOf = (draw: Draw): bigint => pageOf(draw) + BigInt(draw.below(1024)) * 8n
/** Two page-size codes, 3 bits each; now and then one that no page has. */
const sizesOf = (draw: Draw): number => pick(draw, FIRST_SIZES) | (pick(draw, SECOND_SIZES) << 3)

/** A random operation; most are accesses. */
export function operationOf(draw: Draw): FastTableOperation {
  const which = draw.below(384)
  if (which < 30) return { kind: 'insert', entry: entryOf(draw), index: undefined, sizes: sizesOf(draw) }
  if (which < 40) return { kind: 'insert', entry: entryOf(draw), index: draw.below(6), sizes: sizesOf(draw) }
  if (which < 50) return { kind: 'demapPage', va: pageOf(draw), register: pick(draw, REGISTERS) }
  if (which < 53) return { kind: 'demapContext', register: pick(draw, REGISTERS) }
  if (which < 54) return { kind: 'demapAll' }
  if (which < 62)
    return {
      kind: 'context',
      register: pick(draw, ['primary', 'secondary']),
      number: once(draw, 16) ? draw.below(0x2000) : draw.below(3),
      sizes: sizesOf(draw),
      nucleusSizes: sizesOf(draw),
    }
  if (which < 65) return { kind: 'watch', virtual: watchpointOf(draw, -1n), physical: watchpointOf(draw, MASK_32) }
  if (which < 66) return { kind: 'enable', on: !once(draw, 8) }
  if (which < 67) return { kind: 'save' }
  if (which < 68) return { kind: 'restore' }
  return {
    kind: 'access',
    va: wordOf(draw),
    register: pick(draw, REGISTERS),
    write: once(draw, 2),
    atomic: once(draw, 2),
    privileged: !once(draw, 4),
    noFault: once(draw, 10),
    allowWrite: !once(draw, 10),
    again: once(draw, 2),
  }
}

function watchpointOf(draw: Draw, mask: bigint): PlainWatchpoint {
  if (once(draw, 2)) return NO_WATCHPOINT
  return { address: wordOf(draw) & mask, onRead: once(draw, 2), onWrite: once(draw, 2) }
}

function entryOf(draw: Draw): PlainEntry {
  const bytes = BigInt(PAGE_SIZES[pick(draw, ENTRY_SIZES)]!)
  const va = pageOf(draw)
  return {
    valid: true,
    used: false,
    va: va - (va % bytes),
    bytes,
    pa: BigInt(draw.below(4)) * bytes,
    context: draw.below(3),
    global: once(draw, 4),
    locked: once(draw, 10),
    privileged: once(draw, 3),
    writable: once(draw, 2),
    cacheable: !once(draw, 6),
    sideEffect: once(draw, 12),
    invertEndian: once(draw, 12),
    noFaultOnly: once(draw, 12),
  }
}

export interface TestedModel {
  readonly model: MmuModelName
  readonly shape: PlainShape
  /** Which page sizes two-way arrays have, from two size codes. */
  readonly sizesOf: (codes: number) => PlainSizes
  readonly contextsHaveSizes: boolean
  /** How many sequences a unit test makes. */
  readonly runs: number
}

const bytesOf = (code: number): bigint => BigInt(PAGE_SIZES[code & 7] ?? 0)
const bySizes = (codes: number): PlainSizes => [bytesOf(codes), bytesOf(codes >> 3)]

export const TESTED_MODELS: readonly TestedModel[] = [
  { model: 'spitfire', shape: { associative: 64, twoWay: 0 }, sizesOf: () => [], contextsHaveSizes: false, runs: 40 },
  {
    model: 'cheetah',
    shape: { associative: 16, twoWay: 1 },
    sizesOf: () => [0x2000n],
    contextsHaveSizes: false,
    runs: 20,
  },
  {
    model: 'cheetah-plus',
    shape: { associative: 16, twoWay: 2 },
    sizesOf: bySizes,
    contextsHaveSizes: true,
    runs: 20,
  },
  { model: 'jalapeno', shape: { associative: 16, twoWay: 2 }, sizesOf: bySizes, contextsHaveSizes: true, runs: 10 },
]

/** The highest pages of 4 MiB are not in it. */
const RAM_BYTES = 12 << 20
const SELECT = { primary: 0n, secondary: 0x10n, nucleus: 0x20n } as const

interface Saved {
  readonly words: BigInt64Array
  readonly plain: PlainTlb
  readonly contexts: Record<ContextKind, number>
  readonly sizes: Record<ContextKind, number>
  readonly virtual: PlainWatchpoint
  readonly physical: PlainWatchpoint
  readonly on: boolean
}

/** One MMU and a plain TLB that must agree over any sequence of operations. */
export class FastTableComparison {
  private readonly arena: Arena
  private readonly m: Mmu
  private plain: PlainTlb
  private contexts: Record<ContextKind, number> = { nucleus: 0, primary: 0, secondary: 0 }
  private sizes: Record<ContextKind, number> = { nucleus: 0, primary: 0, secondary: 0 }
  private virtual = NO_WATCHPOINT
  private physical = NO_WATCHPOINT
  private on = true
  private saved: Saved | undefined
  /** Tags as engines keep them: good until the generation grows. */
  private readonly tags = new Map<string, number>()
  private generation = -1
  hits = 0
  writeHits = 0
  twoWayHits = 0

  /** @param crowded whether all but four entries of the fully associative array are locked from the start. */
  constructor(
    private readonly tested: TestedModel,
    crowded: boolean,
  ) {
    const model = MMU_MODELS[tested.model]
    const [itlbEntries, dtlbEntries] = [tlbEntries(model.instructionTlb), tlbEntries(model.dataTlb)]
    this.arena = new Arena(createLayout({ cpus: 1, ramBytes: RAM_BYTES, itlbEntries, dtlbEntries }))
    this.m = new Mmu(this.arena, 0, model)
    this.plain = new PlainTlb(tested.shape)
    this.control()
    if (!crowded) return
    for (let i = 0; i < tested.shape.associative - 4; i++) {
      const va = BigInt(0x1000_0000 + i * 0x2000)
      this.insert({ ...this.plain.entries[0]!, valid: true, locked: true, va }, undefined, 0)
    }
  }

  /** @throws FastTableDifference */
  step(operation: FastTableOperation): void {
    const { m, plain, contexts, sizes, tested } = this
    if (operation.kind === 'access') {
      this.access(operation)
      if (operation.again) this.access({ ...operation, write: false })
    } else if (operation.kind === 'insert') this.insert(operation.entry, operation.index, operation.sizes)
    else if (operation.kind === 'context') this.writeContext(operation)
    else if (operation.kind === 'demapPage') {
      m.storeAsi(0x5f, operation.va | SELECT[operation.register], 0n)
      plain.demapPage(operation.va, contexts[operation.register], tested.sizesOf(sizes[operation.register]))
    } else if (operation.kind === 'demapContext') {
      m.storeAsi(0x5f, 0x40n | SELECT[operation.register], 0n)
      plain.demapContext(contexts[operation.register])
    } else if (operation.kind === 'demapAll') {
      if (tested.model === 'spitfire') return
      m.storeAsi(0x5f, 0x80n, 0n)
      plain.demapAll()
    } else if (operation.kind === 'watch') {
      this.virtual = operation.virtual
      this.physical = operation.physical
      this.control()
    } else if (operation.kind === 'enable') {
      this.on = operation.on
      this.control()
    } else if (operation.kind === 'save') this.save()
    else this.restore()
  }

  private insert(entry: PlainEntry, index: number | undefined, sizes: number): void {
    const { m, plain, tested } = this
    if (tested.contextsHaveSizes) m.storeAsi(0x58, 0x60n, BigInt(sizes) << 16n)
    const { bytes, ...rest } = entry
    const tte = encodeTte({ ...rest, size: Number(bytes) as (typeof PAGE_SIZES)[number] })
    m.storeAsi(0x58, 0x30n, encodeTag(entry.va, entry.context))
    let written = index ?? -1
    if (index === undefined) written = m.dataIn('data', tte)
    else m.storeAsi(0x5d, BigInt(index) << 3n, tte)
    const allowed = index === undefined ? plain.candidates(entry, tested.sizesOf(sizes)) : [index]
    if (allowed.length === 0 && written === -1) return
    if (!allowed.includes(written)) differ(`Data In wrote entry ${written}, not ${allowed.join(' or ') || 'none'}`)
    plain.put(written, entry)
  }

  private writeContext(operation: FastTableOperation & { kind: 'context' }): void {
    const { contexts, m, sizes, tested } = this
    contexts[operation.register] = operation.number
    let value = BigInt(operation.number)
    if (tested.contextsHaveSizes) {
      sizes[operation.register] = operation.sizes
      value |= BigInt(operation.sizes) << 16n
      if (operation.register === 'primary') {
        sizes.nucleus = operation.nucleusSizes
        value |= (BigInt(operation.nucleusSizes & 7) << 61n) | (BigInt(operation.nucleusSizes >> 3) << 58n)
      }
    }
    m.storeAsi(0x58, operation.register === 'primary' ? 0x8n : 0x10n, value)
  }

  /** Writes the watchpoint registers and the enables; all bytes of the doublewords are watched. */
  private control(): void {
    const { m, on, physical, virtual } = this
    m.storeAsi(0x58, 0x38n, virtual.address)
    m.storeAsi(0x58, 0x40n, physical.address)
    let control = (0xffn << LSU_VM_SHIFT) | (0xffn << LSU_PM_SHIFT) | LSU_IM
    if (on) control |= LSU_DM
    if (virtual.onRead) control |= LSU_VR
    if (virtual.onWrite) control |= LSU_VW
    if (physical.onRead) control |= LSU_PR
    if (physical.onWrite) control |= LSU_PW
    m.storeAsi(0x45, 0n, control)
  }

  private save(): void {
    const words = this.arena.words64.slice(0, this.arena.layout.ram >> 3)
    const { on, physical, plain, virtual } = this
    const [contexts, sizes] = [{ ...this.contexts }, { ...this.sizes }]
    this.saved = { words, plain: plain.copy(), contexts, sizes, virtual, physical, on }
  }

  private restore(): void {
    const { saved } = this
    if (!saved) return
    this.arena.words64.set(saved.words)
    this.m.restored()
    this.plain = saved.plain.copy()
    this.contexts = { ...saved.contexts }
    this.sizes = { ...saved.sizes }
    this.virtual = saved.virtual
    this.physical = saved.physical
    this.on = saved.on
  }

  /** Arena offset of a fast hit of an 8-byte access, or -1, with tags kept as engines keep them. */
  private lookUp(va: bigint, kind: ContextKind, privileged: boolean, write: boolean): number {
    const { m, tags } = this
    const key = `${kind} ${privileged}`
    if (m.contextGeneration !== this.generation) tags.clear()
    this.generation = m.contextGeneration
    let tag = tags.get(key)
    if (tag === undefined) {
      tags.set(key, (tag = m.contextTag(kind, privileged)))
      if (m.contextGeneration !== this.generation) return this.lookUp(va, kind, privileged, write)
    }
    return m.data.lookup(Number(va & MASK_32) | 0, Number(va >> 32n) | 0, tag, 8, write)
  }

  private access(operation: FastTableOperation & { kind: 'access' }): void {
    const { m, on, plain, tested } = this
    const { privileged, register, va, write } = operation
    const offset = this.lookUp(va, register, privileged, write)
    const noFault = operation.noFault && !write
    const access = write ? (operation.atomic ? 'atomic' : 'store') : 'load'
    const request = { va, context: register, access, privileged, asi: 0x80, noFault, size: 8 } as const
    const done = m.translateData(request)
    if (!on) {
      if (offset >= 0) differ(`0x${va.toString(16)} hits with the MMU off`)
      if (done) m.fillFast(va, register, privileged, operation.allowWrite)
      return
    }
    const { virtual, physical } = this
    const sizes = tested.sizesOf(this.sizes[register])
    const expected = plain.translate(request, this.contexts[register], sizes, { virtual, physical })
    const found = done ? BigInt(m.pa) : m.trap
    const wanted = 'trap' in expected ? expected.trap : expected.pa
    if (found !== wanted) differ(`0x${va.toString(16)} gives ${found}, not ${wanted}`)
    if (offset >= 0) {
      const hit = BigInt(offset - this.arena.layout.ram)
      if (hit !== wanted) differ(`0x${va.toString(16)} is ${hit} in the fast table, not ${wanted}`)
      if ('used' in expected && !expected.used) differ('an unused entry is in the fast table')
      this.hits++
      if (write) this.writeHits++
      if (m.entry >= tested.shape.associative) this.twoWayHits++
    }
    if (done) m.fillFast(va, register, privileged, operation.allowWrite)
  }

  /** @throws FastTableDifference unless the same entries are valid and used */
  requireSameEntries(): void {
    const marks = (entries: readonly { valid: boolean; used: boolean }[]): string =>
      entries.map(({ used, valid }) => (valid ? (used ? 'u' : 'v') : '-')).join('')
    const [found, wanted] = [marks(this.m.entries('data')), marks(this.plain.entries)]
    if (found !== wanted) differ(`the entries are\n${found}, not\n${wanted}`)
  }
}

function differ(how: string): never {
  throw new FastTableDifference(how)
}
