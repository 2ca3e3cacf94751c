import { describe, expect, test } from 'vitest'
import {
  FT_ATOMIC_UNCACHEABLE,
  FT_ILLEGAL_ASI,
  FT_JUMP_OUT_OF_RANGE,
  FT_NO_FAULT_ONLY,
  FT_OUT_OF_RANGE,
  FT_PRIVILEGE,
  FT_SIDE_EFFECT,
} from '../../src/mmu/index'
import { type MmuFixture, mmu } from '../../src/testing/index'

const ACCESSES = ['load', 'store', 'atomic', 'quad', 'flush'] as const
const BOTH = [false, true]
const HOLE = 0x0800_0000_0000n
const PAGE = 0x2000n

interface Case {
  readonly access: (typeof ACCESSES)[number]
  readonly noFault: boolean
  readonly privileged: boolean
}
const CASES: readonly Case[] = ACCESSES.flatMap((access) =>
  BOTH.flatMap((noFault) => BOTH.map((privileged) => ({ access, noFault, privileged }))),
)

/** The attributes of a page that fault types depend on. */
interface Attributes {
  readonly privileged: boolean
  readonly sideEffect: boolean
  readonly cacheable: boolean
  readonly noFaultOnly: boolean
  readonly writable: boolean
}
const ALL_ATTRIBUTES: readonly Attributes[] = Array.from({ length: 32 }, (_, bits) => ({
  privileged: (bits & 1) !== 0,
  sideEffect: (bits & 2) !== 0,
  cacheable: (bits & 4) !== 0,
  noFaultOnly: (bits & 8) !== 0,
  writable: (bits & 16) !== 0,
}))

const writes = ({ access }: Case): boolean => access === 'store' || access === 'atomic'

/** UltraSPARC-I table 6-11, in its words: the bits of FT that such an access to such a page has. */
function faultType({ access, noFault, privileged }: Case, page: Attributes): number {
  const types = [
    [0x01, page.privileged && !privileged],
    [0x02, page.sideEffect && (noFault || access === 'flush')],
    [0x04, !page.cacheable && (access === 'atomic' || access === 'quad')],
    [0x10, page.noFaultOnly && !noFault],
  ] as const
  return types.reduce((sum, [type, is]) => sum + (is ? type : 0), 0)
}

const told = (m: MmuFixture, va: bigint, options: Case): string => {
  const outcome = m.probe(va, options)
  return outcome.ok ? 'goes on' : `${outcome.trap} ${outcome.faultType}`
}

test('the bits of FT (UltraSPARC-I table 6-11)', () => {
  expect({
    FT_PRIVILEGE,
    FT_SIDE_EFFECT,
    FT_ATOMIC_UNCACHEABLE,
    FT_ILLEGAL_ASI,
    FT_NO_FAULT_ONLY,
    FT_OUT_OF_RANGE,
    FT_JUMP_OUT_OF_RANGE,
  }).toEqual({
    FT_PRIVILEGE: 0x01,
    FT_SIDE_EFFECT: 0x02,
    FT_ATOMIC_UNCACHEABLE: 0x04,
    FT_ILLEGAL_ASI: 0x08,
    FT_NO_FAULT_ONLY: 0x10,
    FT_OUT_OF_RANGE: 0x20,
    FT_JUMP_OUT_OF_RANGE: 0x40,
  })
})

describe('fault types add up (UltraSPARC-I table 6-11, 6.4)', () => {
  test('of every kind of access to every kind of page', () => {
    const m = mmu()
    for (const attributes of ALL_ATTRIBUTES) {
      m.loadEntry({ va: PAGE, pa: 0x4000, index: 0, ...attributes })
      const expected = CASES.map((access) => {
        if (access.noFault && access.access !== 'load') return 'data_access_exception 8'
        const type = faultType(access, attributes)
        if (type !== 0) return `data_access_exception ${type}`
        return writes(access) && !attributes.writable ? 'fast_data_access_protection 0' : 'goes on'
      })
      expect(
        CASES.map((access) => told(m, PAGE, access)),
        JSON.stringify(attributes),
      ).toEqual(expected)
    }
  })

  test('of every kind of access into the hole', () => {
    const m = mmu()
    expect(CASES.map((access) => told(m, HOLE, access))).toEqual(
      CASES.map(({ access, noFault }) => `data_access_exception ${noFault && access !== 'load' ? 0x28 : 0x20}`),
    )
  })

  test('of every kind of access without a page', () => {
    const m = mmu()
    expect(CASES.map((access) => told(m, PAGE, access))).toEqual(
      CASES.map(({ access, noFault }) =>
        noFault && access !== 'load' ? 'data_access_exception 8' : 'fast_data_access_MMU_miss 0',
      ),
    )
  })

  test('of every kind of access with the D-MMU off, which is uncacheable and has side effects (6.7)', () => {
    const m = mmu({ enabled: false })
    const off = { privileged: false, sideEffect: true, cacheable: false, noFaultOnly: false, writable: true }
    expect(CASES.map((access) => told(m, PAGE, access))).toEqual(
      CASES.map((access) => {
        const type = faultType(access, off) + (access.noFault && access.access !== 'load' ? 8 : 0)
        return type === 0 ? 'goes on' : `data_access_exception ${type}`
      }),
    )
  })

  test.each(BOTH)('of every kind of bypass access, cacheable %s (6.10)', (cacheable) => {
    const { mmu: m } = mmu()
    const page = { privileged: false, sideEffect: !cacheable, cacheable, noFaultOnly: false, writable: true }
    for (const access of CASES) {
      const request = { va: PAGE, context: 'nucleus', asi: 0x14, ...access } as const
      const type = faultType(access, page) + (access.noFault && access.access !== 'load' ? 8 : 0)
      expect([m.translateBypass(request, cacheable), m.faultType]).toEqual([type === 0, type])
    }
  })
})
