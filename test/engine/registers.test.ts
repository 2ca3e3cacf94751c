import { describe, expect, it } from 'vitest'
import * as registers from '../../src/engine/registers'
import { CpuRegisters } from '../../src/engine/registers'
import { Machine } from '../../src/smp'
import { NWINDOWS, REGISTER, type RegisterField } from '../../src/state/layout'

const FIELDS = Object.keys(REGISTER) as RegisterField[]
const WORD = 0x8123_4567_89ab_cdefn

function cpus(): readonly CpuRegisters[] {
  const { arena } = new Machine({ cpus: 2, ramBytes: 8192 }).cpus[0]!
  arena.words64.fill(0n)
  return [0, 1].map((index) => new CpuRegisters(arena, index))
}

/** The bytes of the second CPU's block, or before it, that are not zero, and their words. */
function written([, cpu]: readonly CpuRegisters[]): [number, bigint][] {
  const found: [number, bigint][] = []
  cpu!.w64.forEach((word, at) => {
    if (word !== 0n) found.push([at * 8 - cpu!.base, word])
  })
  return found
}

describe('the registers of a CPU', () => {
  it('each is one word of its own, which reads as an unsigned number', () => {
    const both = cpus()
    const [, cpu] = both
    for (const field of FIELDS) {
      cpu!.set(field, WORD)
      expect([field, written(both)]).toEqual([field, [[REGISTER[field], BigInt.asIntN(64, WORD)]]])
      expect(cpu!.get(field)).toBe(WORD)
      cpu!.set(field, 0n)
    }
  })

  it('elements of an array are words in a row', () => {
    const [cpu] = cpus()
    cpu!.set('tt', WORD, 3)
    expect([1, 2, 3, 4].map((element) => cpu!.get('tt', element))).toEqual([0n, 0n, WORD, 0n])
    cpu!.set('tt', 7n)
    expect(cpu!.get('tt', 0)).toBe(7n)
  })

  it('small ones are read as their low halves, signed, and written with the upper half zero', () => {
    const both = cpus()
    const [, cpu] = both
    for (const field of FIELDS) {
      cpu!.set(field, WORD)
      expect([field, cpu!.small(field)]).toEqual([field, 0x89ab_cdef | 0])
      cpu!.setSmall(field, 0x7654_3210)
      expect([field, written(both)]).toEqual([field, [[REGISTER[field], 0x7654_3210n]]])
      cpu!.set(field, 0n)
    }
  })
})

describe('r0 to r31 (V9 5.1.4; UltraSPARC-I 14.5.9)', () => {
  const { PSTATE_AG, PSTATE_MG, PSTATE_IG } = registers
  const SETS = [0, PSTATE_AG, PSTATE_MG, PSTATE_IG] as const

  it('are the globals that PSTATE selects, and the outs, locals and ins of the window in CWP', () => {
    const [cpu] = cpus()
    for (const [set, pstate] of SETS.entries()) {
      for (let cwp = 0; cwp < NWINDOWS; cwp++) {
        cpu!.setSmall('pstate', pstate | 0x316)
        cpu!.setSmall('cwp', cwp)
        cpu!.updateMap()
        const at = (field: RegisterField, n: number) => (cpu!.base >> 3) + (REGISTER[field] >> 3) + n
        const outs = ((cwp + 1) % NWINDOWS) * 16
        const expected = Array.from({ length: 32 }, (_, n) => {
          if (n < 8) return at('globals', set * 8 + n)
          if (n < 16) return at('windows', outs + n - 8)
          return at('windows', n < 24 ? cwp * 16 + n - 8 : cwp * 16 + n - 24)
        })
        expect([...cpu!.map]).toEqual(expected)
      }
    }
  })

  it('a pair of sets is none that software can select; then the alternate globals come first, then those of the MMU', () => {
    const [cpu] = cpus()
    for (const [pair, set] of [
      [PSTATE_AG | PSTATE_MG, 1],
      [PSTATE_AG | PSTATE_IG, 1],
      [PSTATE_MG | PSTATE_IG, 2],
    ] as const) {
      cpu!.setSmall('pstate', pair)
      expect(cpu!.globalsSet()).toBe(set)
    }
  })

  it('are read and written by number; r0 is zero', () => {
    const [cpu] = cpus()
    for (let n = 0; n < 32; n++) cpu!.setR(n, ~BigInt(n))
    for (let n = 0; n < 32; n++) expect(cpu!.r(n)).toBe(n === 0 ? 0n : BigInt.asUintN(64, ~BigInt(n)))
    expect(cpu!.get('globals', 1)).toBe(BigInt.asUintN(64, ~1n))
  })

  it('are those of the window that a CPU is in from the start', () => {
    const { arena } = new Machine({ ramBytes: 8192 }).cpus[0]!
    new CpuRegisters(arena, 0).setSmall('cwp', 3)
    const cpu = new CpuRegisters(arena, 0)
    cpu.setR(24, 5n)
    expect(cpu.get('windows', 3 * 16)).toBe(5n)
  })
})

it('the fields of PSTATE are those of V9 5.2.1 and UltraSPARC-I table 14-13', () => {
  const masks = Object.entries(registers).filter(([name]) => name.startsWith('PSTATE_'))
  expect(Object.fromEntries(masks)).toEqual({
    PSTATE_AG: 1 << 0,
    PSTATE_IE: 1 << 1,
    PSTATE_PRIV: 1 << 2,
    PSTATE_AM: 1 << 3,
    PSTATE_PEF: 1 << 4,
    PSTATE_RED: 1 << 5,
    PSTATE_MM: 3 << 6,
    PSTATE_TLE: 1 << 8,
    PSTATE_CLE: 1 << 9,
    PSTATE_MG: 1 << 10,
    PSTATE_IG: 1 << 11,
  })
})

it('the status of a CPU is a number that snapshots keep', () => {
  expect([registers.CPU_RUNNING, registers.CPU_HALTED, registers.CPU_ERROR_STATE]).toEqual([0, 1, 2])
})
