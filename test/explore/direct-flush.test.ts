import { describe, expect, it } from 'vitest'
import { explore, scenario } from '../../src/explore'
import {
  kthread_unuse_mm,
  kthread_use_mm,
  loadUser,
  mmget_not_zero,
  mmput,
  ptep_get_and_clear,
  smp_flush_tlb_mm,
} from '../../src/kernel-shim'

const X = 0x10000n
const Y = 0x12000n

/** The seed's race by the function that the seed names first, without the TSB flush around it. */
const flushMm = scenario({
  name: 'test/flush-mm',
  summary: 'CPU 0 unmaps two pages and flushes the whole mm after each; a kernel thread on CPU 1 takes the mm',
  setup(s) {
    const mm = s.mm()
    s.map(mm, X)
    s.map(mm, Y)
    s.uses(0, mm)
    return { mm }
  },
  cpu: [
    function* ({ mm }) {
      for (const va of [X, Y]) {
        yield* ptep_get_and_clear(mm, va)
        yield* smp_flush_tlb_mm(mm)
      }
    },
    function* ({ mm }) {
      if (!(yield* mmget_not_zero(mm))) return
      yield* kthread_use_mm(mm)
      yield* loadUser(Y)
      yield* loadUser(Y)
      yield* kthread_unuse_mm(mm)
      yield* mmput(mm)
    },
  ],
})

describe('a scenario that calls smp_flush_tlb_mm itself', () => {
  it('is judged: local-trim loses the kernel thread', () => {
    const { verdict, violation } = explore(flushMm, { policy: 'local-trim', preemptions: 2 })
    expect(verdict).toBe('violation')
    expect(violation).toMatchObject({ cpu: 1, va: '0x12000' })
  })

  it('finds that the TSB was not flushed, under any policy', () => {
    expect(explore(flushMm, { policy: 'cross-call', preemptions: 2 }).verdict).toBe('violation')
  })
})
