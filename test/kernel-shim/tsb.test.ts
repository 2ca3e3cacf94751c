import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  flush_tsb_user_page,
  type Kernel,
  mm_alloc,
  shim,
  TSB_ENTRIES,
  TSB_TAG_INVALID,
  TSB_TAG_LOCK,
} from '../../src/kernel-shim'
import { TSB_BYTES, tsb_entry, tsb_init, tsb_tag } from '../../src/kernel-shim/tsb'
import { mmu } from '../../src/testing/index'
import { mmField, record, recorded, setMmField, settle, testKernel } from './harness'

const TSB = 0x40_2000n
/** The kernel's TSB of 512 entries: size code 0. */
const TSB_REGISTER = TSB
const VA = 0x20000n
const VERSION = 5n << 13n

describe('what the kernel writes into a TSB is what the MMU looks for (UltraSPARC-I 6.3.1, 6.9.2)', () => {
  it.each([
    [0x2000n, 1n],
    [0x70_0000_0000n, 0x1fffn],
    [0x7ff_ffff_e000n, 0x1555n],
    [0x20_6000n, 0x0abcn],
    [0x40_0000n, 3n],
    [0xffff_f800_0000_2000n, 7n],
  ])('page %i in context %i', (va, context) => {
    const m = mmu().setRegister('dataTsb', TSB_REGISTER).setRegister('primaryContext', context)
    expect(m.translate(va + 0x18n, { context: 'primary' }).ok).toBe(false)
    expect(tsb_tag(context, va)).toBe(m.register('dataTagTarget'))
    expect(tsb_entry(TSB, va)).toBe(m.register('dataTsbPointer8K'))
  })

  it('the version of a context is no part of the tag', () => {
    expect(tsb_tag(VERSION | 3n, VA)).toBe(tsb_tag(3n, VA))
  })
})

describe('a new TSB', () => {
  it('has 512 entries of 16 bytes in which no page of any context is found; what lies behind is untouched', () => {
    const kernel = testKernel()
    expect([TSB_ENTRIES, TSB_BYTES]).toEqual([512n, 8192])
    const at = Number(kernel.allocator.aligned(2 * TSB_BYTES, TSB_BYTES))
    const filled = new Uint8Array(2 * TSB_BYTES).fill(0x5a)
    kernel.machine.memory.writeBytes(at, filled)
    tsb_init(kernel, BigInt(at))
    for (let n = 0; n < 512; n++) expect([n, kernel.machine.peek(at + n * 16, 8)]).toEqual([n, TSB_TAG_INVALID])
    for (let n = 512; n < 1024; n++) expect([n, kernel.machine.peek(at + n * 16, 8)]).toEqual([n, FILLED])
  })
  const FILLED = 0x5a5a_5a5a_5a5a_5a5an
})

describe('flush_tsb_user_page (Linux arch/sparc/kernel/tsb.S tsb_flush)', () => {
  const flush = shim('test_tsb_flush', function* (mm: bigint, va: bigint) {
    yield* flush_tsb_user_page(mm, va)
    yield* record('flushed')
  })
  const poke = (kernel: Kernel, pa: bigint, word: bigint) => {
    kernel.machine.poke(Number(pa), 8, word)
    kernel.machine.wake()
  }
  /** An mm in context 3 whose entry for VA has a tag, while CPU 0 is about to flush it. */
  function about(tag: (own: bigint) => bigint) {
    const kernel = testKernel()
    const mm = mm_alloc(kernel)
    setMmField(kernel, mm, 'context', VERSION | 3n)
    const entry = tsb_entry(mmField(kernel, mm, 'tsb'), VA)
    const own = tsb_tag(3n, VA)
    poke(kernel, entry, tag(own))
    poke(kernel, entry + 8n, 0x1234n)
    kernel.spawn(0, flush(mm, VA + 0x18n))
    const entryTag = () => kernel.machine.peek(Number(entry), 8)
    return { kernel, mm, entry, own, entryTag }
  }

  it('invalidates the entry of the page, whatever other pages and contexts the TSB holds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.bigInt(0n, (1n << 30n) - 1n), fc.bigInt(1n, 4n)), { maxLength: 20 }),
        fc.boolean(),
        (others, present) => {
          const { kernel, mm, entry, own } = about((tag) => (present ? tag : TSB_TAG_INVALID))
          const tsb = mmField(kernel, mm, 'tsb')
          for (const [page, context] of others) {
            const at = tsb_entry(tsb, page << 13n)
            if (at !== entry || !present) poke(kernel, at, tsb_tag(context, page << 13n))
          }
          const tags = () => Array.from({ length: 512 }, (_, n) => kernel.machine.peek(Number(tsb) + n * 16, 8))
          const before = tags()
          settle(kernel)
          const expected = before.map((tag, n) =>
            tsb + BigInt(n) * 16n === entry && tag === own ? TSB_TAG_INVALID : tag,
          )
          expect(tags()).toEqual(expected)
        },
      ),
      { numRuns: 20 },
    )
  })

  it('waits for a miss handler that has the entry locked, and invalidates what that has written', () => {
    const { kernel, entry, own, entryTag } = about((tag) => tag | TSB_TAG_LOCK)
    expect(kernel.machine.run(10_000).reason).toBe('deadlock')
    expect([recorded(kernel), entryTag()]).toEqual([[], own | TSB_TAG_LOCK])
    poke(kernel, entry, own)
    settle(kernel)
    expect([recorded(kernel), entryTag()]).toEqual([['flushed'], TSB_TAG_INVALID])
  })

  it('leaves what the handler has written for another page', () => {
    const { kernel, mm, entry, entryTag } = about((tag) => tag | TSB_TAG_LOCK)
    kernel.machine.run(10_000)
    const other = tsb_tag(mmField(kernel, mm, 'context'), VA + (1n << 22n))
    poke(kernel, entry, other)
    settle(kernel)
    expect([recorded(kernel), entryTag()]).toEqual([['flushed'], other])
  })

  it('waits again if the handler takes the lock between the look at the tag and its change', () => {
    const { kernel, entry, own, entryTag } = about((tag) => tag)
    while (
      !String((kernel.gate.last as { operation: string } | undefined)?.operation).startsWith('until tsb entry unlocked')
    )
      kernel.machine.step(0)
    poke(kernel, entry, own | TSB_TAG_LOCK)
    expect(kernel.machine.run(10_000).reason).toBe('deadlock')
    expect([recorded(kernel), entryTag()]).toEqual([[], own | TSB_TAG_LOCK])
    poke(kernel, entry, own)
    settle(kernel)
    expect([recorded(kernel), entryTag()]).toEqual([['flushed'], TSB_TAG_INVALID])
  })
})
