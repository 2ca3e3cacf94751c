import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpumask_members, cpumask_of, cpumask_test_cpu, mm_alloc, mm_cpumask, shim } from '../../src/kernel-shim'
import { cpumask_clear_cpu, cpumask_copy_one, cpumask_set_cpu } from '../../src/kernel-shim/cpumask'
import { mmField, record, recorded, runThreads, setMmField, testKernel } from './harness'

const cpus = fc.uniqueArray(fc.integer({ min: 0, max: 63 }))
const maskOf = (members: readonly number[]) => members.reduce((mask, cpu) => mask | (1n << BigInt(cpu)), 0n)

const change = shim('test_cpumask_change', function* (mm: bigint, cpu: number, how: 'set' | 'clear' | 'copy') {
  if (how === 'set') yield* cpumask_set_cpu(cpu, mm, 'test')
  else if (how === 'clear') yield* cpumask_clear_cpu(cpu, mm, 'test')
  else yield* cpumask_copy_one(cpu, mm, 'test')
  yield* record(yield* mm_cpumask(mm, 'test'))
})

describe('a mask of CPUs', () => {
  it('has its members in ascending order', () => {
    fc.assert(
      fc.property(cpus, (members) => {
        expect(cpumask_members(maskOf(members))).toEqual([...members].sort((a, b) => a - b))
      }),
    )
  })

  it('tells of each CPU whether it is a member', () => {
    fc.assert(
      fc.property(cpus, fc.integer({ min: 0, max: 63 }), (members, cpu) => {
        expect(cpumask_test_cpu(cpu, maskOf(members))).toBe(members.includes(cpu))
        expect(cpumask_of(cpu)).toBe(maskOf([cpu]))
      }),
    )
  })
})

describe('mm_cpumask', () => {
  it('changes by the one CPU that is set or cleared; a copy leaves that CPU alone', () => {
    const kernel = testKernel()
    const mm = mm_alloc(kernel)
    const heard: unknown[] = []
    kernel.events.maskWrite = (...write) => heard.push(write)
    kernel.events.maskRead = (...read) => heard.push(read)
    fc.assert(
      fc.property(cpus, fc.integer({ min: 0, max: 63 }), (members, cpu) => {
        const before = maskOf(members)
        const others = maskOf(members.filter((member) => member !== cpu))
        for (const [how, after] of [
          ['set', maskOf([...members, cpu])],
          ['clear', others],
          ['copy', maskOf([cpu])],
        ] as const) {
          setMmField(kernel, mm, 'mm_cpumask', before)
          heard.length = 0
          runThreads(kernel, [change(mm, cpu, how)])
          expect([how, mmField(kernel, mm, 'mm_cpumask'), recorded(kernel).at(-1)]).toEqual([how, after, after])
          expect(heard).toEqual([
            [0, mm, before, after, 'test'],
            [0, mm, after, 'test'],
          ])
        }
      }),
      { numRuns: 30 },
    )
  })
})
