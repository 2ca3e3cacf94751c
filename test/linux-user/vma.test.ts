import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  coveredEnd,
  findFree,
  findVma,
  insertVma,
  isCovered,
  isFree,
  protectRange,
  removeRange,
  type VmaList,
} from '../../src/linux-user/vma'

const PAGES = 48

/** What each page is, or undefined: the model that the list must agree with. */
type PageMap = (string | undefined)[]

const page = (n: number) => BigInt(n) * 8192n

function pagesOf(list: VmaList): PageMap {
  const map: PageMap = new Array(PAGES).fill(undefined)
  for (const { start, end, protection, shared, name } of list)
    for (let at = start; at < end; at += 8192n) {
      expect(map[Number(at / 8192n)]).toBeUndefined()
      map[Number(at / 8192n)] = `${protection} ${shared} ${name}`
    }
  return map
}

function expectTidy(list: VmaList): void {
  for (const [i, vma] of list.entries()) {
    expect(vma.start < vma.end).toBe(true)
    const before = list[i - 1]
    if (before === undefined) continue
    expect(before.end <= vma.start).toBe(true)
    if (before.end === vma.start)
      expect([before.protection, before.shared, before.name]).not.toEqual([vma.protection, vma.shared, vma.name])
  }
}

const range = fc
  .tuple(fc.nat({ max: PAGES - 1 }), fc.integer({ min: 1, max: 12 }))
  .map(([start, length]) => [start, Math.min(PAGES, start + length)] as const)
const command = fc.oneof(
  fc.record({
    kind: fc.constant('map' as const),
    range,
    protection: fc.nat({ max: 3 }),
    name: fc.constantFrom('', 'heap'),
  }),
  fc.record({ kind: fc.constant('unmap' as const), range }),
  fc.record({ kind: fc.constant('protect' as const), range, protection: fc.nat({ max: 3 }) }),
)

describe('a list of ranges agrees with a map of pages', () => {
  it('through mapping, unmapping and protecting', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        const list: VmaList = []
        const model: PageMap = new Array(PAGES).fill(undefined)
        for (const c of commands) {
          const [from, to] = c.range
          const slice = model.slice(from, to)
          if (c.kind === 'unmap') {
            const taken = removeRange(list, page(from), page(to))
            expect(pagesOf(taken).slice(from, to)).toEqual(slice)
            model.fill(undefined, from, to)
          } else if (c.kind === 'map') {
            removeRange(list, page(from), page(to))
            insertVma(list, { start: page(from), end: page(to), protection: c.protection, shared: false, name: c.name })
            model.fill(`${c.protection} false ${c.name}`, from, to)
          } else {
            expect(protectRange(list, page(from), page(to), c.protection)).toBe(!slice.includes(undefined))
            for (let i = from; i < to; i++) model[i] = model[i]?.replace(/^\d/, String(c.protection))
          }
          expect(pagesOf(list)).toEqual(model)
        }
        expectTidy(list)
      }),
    )
  })

  it('in what is covered, what is free and where free room is found', () => {
    const setup = fc.array(fc.tuple(range, fc.nat({ max: 3 })), { maxLength: 6 })
    fc.assert(
      fc.property(setup, range, fc.integer({ min: 1, max: 8 }), (ranges, [from, to], length) => {
        const list: VmaList = []
        for (const [[start, end], protection] of ranges) {
          removeRange(list, page(start), page(end))
          insertVma(list, { start: page(start), end: page(end), protection, shared: false, name: '' })
        }
        const model = pagesOf(list)
        const slice = model.slice(from, to)
        expect(isCovered(list, page(from), page(to))).toBe(!slice.includes(undefined))
        expect(isFree(list, page(from), page(to))).toBe(slice.every((p) => p === undefined))
        const hole = slice.indexOf(undefined)
        expect(coveredEnd(list, page(from), page(to))).toBe(page(hole < 0 ? to : from + hole))
        for (let p = 0; p < PAGES; p++) expect(findVma(list, page(p) + 5n) !== undefined).toBe(model[p] !== undefined)
        let first: bigint | undefined
        for (let p = to; p + length >= from && p >= from; p--)
          if (p + length <= to && model.slice(p, p + length).every((q) => q === undefined)) first = page(p)
        expect(findFree(list, page(length), page(from), page(to))).toBe(first)
      }),
    )
  })

  it('joins neighbours that are alike and keeps those that are not', () => {
    const list: VmaList = []
    const at = (start: number, end: number, name: string) =>
      insertVma(list, { start: page(start), end: page(end), protection: 3, shared: false, name })
    at(4, 5, '')
    at(2, 3, '')
    at(3, 4, '')
    expect(list).toHaveLength(1)
    at(5, 6, 'heap')
    expect(list).toHaveLength(2)
    protectRange(list, page(3), page(4), 1)
    expect(list).toHaveLength(4)
    protectRange(list, page(3), page(4), 3)
    expect(list).toHaveLength(2)
  })
})
