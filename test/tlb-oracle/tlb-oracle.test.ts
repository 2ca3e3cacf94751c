import { describe, expect, it } from 'vitest'
import { encodeTag, encodeTte } from '../../src/mmu'
import { describeViolation, TlbOracle, type TlbViolation } from '../../src/oracle'

const MM = 0x4000
const CONTEXT = 5
const VA = 0x10000n
const PTE = encodeTte({ pa: 0x20000n, writable: true })
const READ_ONLY = encodeTte({ pa: 0x20000n })
const OTHER = encodeTte({ pa: 0x22000n, writable: true })

function setUp(options: { strict?: boolean; cpus?: number } = {}) {
  const violations: TlbViolation[] = []
  const oracle = new TlbOracle({
    cpus: options.cpus ?? 2,
    strict: options.strict,
    onViolation: (v) => violations.push(v),
  })
  oracle.mmCreated(0, MM)
  oracle.contextAssigned(0, MM, CONTEXT)
  oracle.pteWrite(0, MM, VA, 0n, PTE)
  const fill = (cpu: number, data = PTE, va = VA, side: 'data' | 'instruction' = 'data') =>
    oracle.fill(cpu, side, 0, encodeTag(va, CONTEXT), data)
  const use = (cpu: number, va = VA, side: 'data' | 'instruction' = 'data') => oracle.use(cpu, side, 0, va)
  const flush = (cpu: number, scope: readonly bigint[] | 'all', during: () => void = () => {}) => {
    const id = oracle.flushBegin(cpu, MM, CONTEXT, scope, 'smp_flush_tlb_page')
    during()
    oracle.flushEnd(cpu, id)
  }
  return { oracle, violations, fill, use, flush }
}

describe('a translation after its page-table entry was revoked', () => {
  it('may be used until a flush has returned', () => {
    const { oracle, fill, use } = setUp()
    fill(1)
    oracle.pteWrite(0, MM, VA, PTE, 0n)
    oracle.flushBegin(0, MM, CONTEXT, [VA], 'smp_flush_tlb_page')
    expect(use(1)).toBeUndefined()
  })

  it('is a violation afterwards, which names the write, the flush and the lost mask bit', () => {
    const { oracle, fill, use, flush } = setUp()
    fill(1)
    oracle.maskWrite(0, MM, 3n, 1n, 'cpumask_copy')
    oracle.pteWrite(0, MM, VA, PTE, 0n)
    flush(0, [VA], () => oracle.maskRead(0, MM, 1n, 'smp_flush_tlb_page'))
    const violation = use(1, VA + 8n)!
    expect(violation).toMatchObject({
      kind: 'stale-translation',
      cpu: 1,
      va: '0x10008',
      context: CONTEXT,
      staleSince: { cpu: 0, before: `0x${PTE.toString(16)}`, after: '0x0' },
      missing: { from: 0, to: 1, sent: false, mask: '0x1', bitLost: { cpu: 0, by: 'cpumask_copy' } },
    })
    expect(describeViolation(violation)).toContain('never sent a cross call to CPU 1')
    expect(JSON.parse(JSON.stringify(violation))).toEqual(violation)
    expect(oracle.violation).toBe(violation)
  })

  it('is a violation though it was filled after the flush, from memory that the write had not reached', () => {
    const { oracle, fill, use, flush } = setUp()
    oracle.pteWrite(0, MM, VA, PTE, 0n)
    flush(0, [VA], () => oracle.maskRead(0, MM, 1n, 'smp_flush_tlb_page'))
    fill(1)
    expect(use(1)).toMatchObject({
      kind: 'stale-translation',
      staleSince: { cpu: 0, after: '0x0' },
      missing: { sent: false },
    })
  })

  it('is covered by a flush of the whole context, and not by a flush of another page', () => {
    const { oracle, fill, use, flush } = setUp()
    fill(1)
    oracle.pteWrite(0, MM, VA, PTE, 0n)
    flush(0, [VA + 0x2000n])
    expect(use(1)).toBeUndefined()
    flush(0, 'all')
    expect(use(1)?.kind).toBe('stale-translation')
  })

  it('is not covered by a flush that began before the write', () => {
    const { oracle, fill, use, flush } = setUp()
    fill(1)
    flush(0, 'all', () => oracle.pteWrite(1, MM, VA, PTE, 0n))
    expect(use(1)).toBeUndefined()
  })

  it('is harmless if it went with the entry, whatever was filled before', () => {
    const { oracle, fill, use, flush } = setUp()
    fill(1)
    oracle.pteWrite(0, MM, VA, PTE, 0n)
    flush(0, [VA], () => oracle.evict(1, 'data', 0))
    expect(use(1)).toBeUndefined()
  })

  it('is stale when it is filled afterwards from an old copy, though the cross call was served', () => {
    const { oracle, fill, use, flush } = setUp()
    oracle.pteWrite(0, MM, VA, PTE, 0n)
    flush(0, [VA], () => {
      oracle.maskRead(0, MM, 3n, 'smp_flush_tlb_page')
      oracle.mondoAccepted(0, 1, 'xcall_flush_tlb_page', { context: CONTEXT, va: VA })
      oracle.mondoTaken(1, 1)
      oracle.trapReturn(1, 1)
    })
    fill(1)
    expect(use(1)).toMatchObject({ kind: 'stale-translation', missing: { sent: true } })
  })

  it('is good again when the same translation is written again', () => {
    const { oracle, fill, use, flush } = setUp()
    fill(1)
    oracle.pteWrite(0, MM, VA, PTE, 0n)
    flush(0, 'all')
    oracle.pteWrite(0, MM, VA, 0n, PTE)
    expect(use(1)).toBeUndefined()
  })

  it('is stale when another frame is mapped', () => {
    const { oracle, fill, use, flush } = setUp()
    fill(1)
    oracle.pteWrite(0, MM, VA, PTE, OTHER)
    flush(0, 'all')
    expect(use(1)?.kind).toBe('stale-translation')
  })
})

describe('permissions', () => {
  it('taken away make an entry stale; given, they do not', () => {
    const { oracle, fill, use, flush } = setUp()
    fill(1)
    oracle.pteWrite(0, MM, VA, PTE, READ_ONLY)
    fill(0, READ_ONLY)
    flush(0, 'all')
    expect(use(0)).toBeUndefined()
    expect(use(1)?.kind).toBe('stale-translation')
    const given = setUp()
    given.oracle.pteWrite(0, MM, VA, PTE, READ_ONLY)
    given.fill(1, READ_ONLY)
    given.oracle.pteWrite(0, MM, VA, READ_ONLY, PTE)
    given.flush(0, 'all')
    expect(given.use(1)).toBeUndefined()
  })

  it('to execute concern the instruction TLB only', () => {
    const { oracle, fill, use, flush } = setUp()
    const executable = PTE | 0x1000n
    oracle.pteWrite(0, MM, VA, PTE, executable)
    fill(1)
    fill(1, PTE, VA, 'instruction')
    oracle.pteWrite(0, MM, VA, executable, PTE)
    flush(0, 'all')
    expect(use(1)).toBeUndefined()
    expect(use(1, VA, 'instruction')?.kind).toBe('stale-translation')
  })
})

describe('a mondo on its way', () => {
  const withMondo = (strict: boolean, coverage: { context: number; va: bigint | 'all' }) => {
    const fixture = setUp({ strict })
    fixture.fill(1)
    fixture.oracle.pteWrite(0, MM, VA, PTE, 0n)
    fixture.flush(0, [VA], () => fixture.oracle.mondoAccepted(0, 1, 'xcall_flush_tlb_page', coverage))
    return fixture
  }

  it('exempts what it covers until its handler has returned', () => {
    for (const va of [VA, 'all'] as const) {
      const { oracle, use } = withMondo(false, { context: CONTEXT, va })
      expect(use(1)).toBeUndefined()
      oracle.mondoTaken(1, 1)
      expect(use(1)).toBeUndefined()
      oracle.trapReturn(1, 1)
      expect(use(1)?.kind).toBe('stale-translation')
    }
  })

  it('exempts nothing else', () => {
    expect(withMondo(false, { context: CONTEXT, va: VA + 0x2000n }).use(1)).toBeDefined()
    expect(withMondo(false, { context: CONTEXT + 1, va: VA }).use(1)).toBeDefined()
  })

  it('exempts nothing in strict mode', () => {
    expect(withMondo(true, { context: CONTEXT, va: VA }).use(1)).toBeDefined()
  })
})

describe('frames and contexts', () => {
  it('a frame freed since its entry was written may not be used', () => {
    const { oracle, fill, use } = setUp()
    fill(1)
    oracle.pteWrite(0, MM, VA, PTE, 0n)
    oracle.frameFreed(0, 0x20000)
    expect(use(1)).toMatchObject({ kind: 'freed-frame', staleSince: { cpu: 0 } })
  })

  it('a frame freed before it was mapped again may', () => {
    const { oracle, fill, use } = setUp()
    oracle.pteWrite(0, MM, VA, PTE, 0n)
    oracle.frameFreed(0, 0x20000)
    oracle.pteWrite(0, MM, VA, 0n, PTE)
    fill(1)
    expect(use(1)).toBeUndefined()
  })

  it('an entry filled when the context was of another mm may not be used', () => {
    const { oracle, fill, use } = setUp()
    fill(1)
    oracle.mmCreated(0, MM + 0x2000)
    oracle.contextAssigned(0, MM + 0x2000, CONTEXT)
    expect(use(1)?.kind).toBe('foreign-context')
  })

  it('an mm structure used again has a history of its own', () => {
    const { oracle, fill, use, flush } = setUp()
    oracle.pteWrite(0, MM, VA, PTE, 0n)
    flush(0, 'all')
    oracle.mmCreated(0, MM)
    oracle.contextAssigned(0, MM, CONTEXT)
    oracle.pteWrite(0, MM, VA, 0n, PTE)
    fill(1)
    expect(use(1)).toBeUndefined()
  })
})

it('a CPU that runs an mm with live entries and is dropped from its mask is warned of', () => {
  const { oracle, fill } = setUp()
  oracle.running(1, MM)
  oracle.maskWrite(0, MM, 3n, 1n, 'cpumask_copy')
  expect(oracle.warnings).toEqual([])
  fill(1)
  oracle.maskWrite(0, MM, 3n, 1n, 'cpumask_copy')
  expect(oracle.warnings).toMatchObject([{ cpu: 1, context: CONTEXT, entries: 1, clearedBy: 0 }])
  oracle.running(1, 0)
  oracle.maskWrite(0, MM, 3n, 1n, 'cpumask_copy')
  expect(oracle.warnings).toHaveLength(1)
})

describe('watching', () => {
  it('concerns only entries that may be stale', () => {
    const { oracle, fill } = setUp()
    const watched: Record<number, boolean> = {}
    oracle.watch = (cpu, _side, _index, on) => {
      watched[cpu] = on
    }
    fill(0)
    fill(1)
    expect(watched).toEqual({ 0: false, 1: false })
    oracle.pteWrite(0, MM, VA, PTE, 0n)
    expect(watched).toEqual({ 0: true, 1: true })
    oracle.pteWrite(0, MM, VA, 0n, PTE)
    expect(watched).toEqual({ 0: false, 1: false })
  })

  it('is told again after a restore', () => {
    const { oracle, fill } = setUp()
    fill(1)
    oracle.pteWrite(0, MM, VA, PTE, 0n)
    const saved = oracle.save()
    oracle.evict(1, 'data', 0)
    const watched: [number, boolean][] = []
    oracle.watch = (cpu, _side, _index, on) => watched.push([cpu, on])
    oracle.restore(saved)
    expect(watched).toEqual([[1, true]])
  })
})

describe('state', () => {
  it('that was saved stays as it was, and restored gives the same verdicts', () => {
    const { oracle, fill, use, flush } = setUp()
    fill(1)
    oracle.pteWrite(0, MM, VA, PTE, 0n)
    const saved = oracle.save()
    const key = oracle.key()
    const copy = structuredClone(saved)
    flush(0, 'all')
    expect(use(1)).toBeDefined()
    expect(saved).toEqual(copy)
    oracle.restore(saved)
    expect(oracle.violation).toBeUndefined()
    expect(oracle.key()).toBe(key)
    expect(use(1)).toBeUndefined()
    flush(0, 'all')
    expect(use(1)).toBeDefined()
  })

  it('has a key that tells apart what can differ later, and not how often the same was done', () => {
    const { oracle, flush } = setUp()
    const before = oracle.key()
    flush(0, 'all')
    expect(oracle.key()).toBe(before)
    oracle.pteWrite(0, MM, VA, PTE, 0n)
    const unflushed = oracle.key()
    expect(unflushed).not.toBe(before)
    flush(0, [VA])
    expect(oracle.key()).not.toBe(unflushed)
    const once = oracle.key()
    oracle.pteWrite(0, MM, VA, 0n, PTE)
    oracle.pteWrite(0, MM, VA, PTE, 0n)
    flush(0, [VA])
    expect(oracle.key()).toBe(once)
  })
})
