import { describe, expect, it } from 'vitest'
import { ASI, ASIS, type AsiModel, asisOf } from '../src/asi'
import { MODELS } from '../src/isa/models'
import { MMU_MODELS } from '../src/mmu'
import { Machine } from '../src/smp'
import { ALLOWED } from './engine/asi-table'

const MODEL_OF = {
  'ultrasparc-i': 'spitfire',
  'ultrasparc-ii': 'spitfire',
  cheetah: 'cheetah',
  'cheetah-plus': 'cheetah-plus',
  jalapeno: 'jalapeno',
} as const satisfies Record<keyof typeof ALLOWED, AsiModel>

describe('the table of ASIs', () => {
  it.each(Object.entries(MODEL_OF))('has for %s what the manual’s table has, and nothing else', (name, model) => {
    const present = asisOf(model).flatMap((row, number) => (row === undefined ? [] : [number]))
    expect(present).toEqual([...ALLOWED[name as keyof typeof ALLOWED].keys()].sort((a, b) => a - b))
  })

  it('has one row for each number and model, with its name and section', () => {
    for (const row of ASIS) {
      expect(ASI[row.name as keyof typeof ASI]).toBe(row.number)
      expect(row.section).toMatch(/^(UltraSPARC-I |SPARC64 V JPS1 supplement |Linux |FreeBSD )/)
      for (const model of row.models) expect(asisOf(model)[row.number]).toBe(row)
    }
  })

  it('pairs each little-endian memory ASI with a big-endian one that differs in nothing else (UltraSPARC-I 8.3)', () => {
    const little = ASIS.filter(({ what }) => what.kind !== 'register' && what.little)
    expect(little).toHaveLength(25)
    for (const { number, what, models } of little) {
      const big = asisOf(models.at(-1)!)[number & ~8]!
      const { little: _, ...rest } = what as typeof what & { little: boolean }
      expect(big.what).toEqual(rest)
    }
  })

  it.each(Object.keys(MMU_MODELS) as AsiModel[])(
    '%s: the MMU has the registers of just the ASIs that are its own',
    (model) => {
      const own = asisOf(model).flatMap((row, asi) =>
        row?.what.kind === 'register' && row.what.unit === 'mmu' ? [asi] : [],
      )
      const numbers = [...new Set(MMU_MODELS[model].registers.map(({ asi }) => asi))].sort((a, b) => a - b)
      expect(numbers).toEqual(own)
    },
  )

  it.each(Object.values(MODELS).map(({ name }) => name))(
    '%s: each ASI of registers has one unit that answers',
    (name) => {
      const { environment, model } = new Machine({ model: name, ramBytes: 1 << 20 })
      for (const [asi, row] of asisOf(model.mmu).entries()) {
        const units = environment.asiDevices.filter((device) => device.handles(asi))
        if (row?.what.kind === 'register') expect(units, row.name).toHaveLength(1)
      }
    },
  )
})
