import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assemble } from '../../src/isa'
import type { MemoryObserver } from '../../src/state/physical-memory'
import { bareMachine, PROGRAM, setVector } from './bare-machine'
import { PSTATE } from './trapped'

const VALID = 1n << 63n
/** CP, CV, P, W. */
const KERNEL_PAGE = VALID | 0x36n
const GLOBAL = 1n
const PAGE = 0x2000n
const wordOf = (source: string) => new DataView(assemble(source).bytes.buffer).getUint32(0)

/** Loads an entry of the I-TLB by its number. */
function map(
  cpu: ReturnType<typeof bareMachine>['machine']['cpus'][0],
  entry: number,
  va: bigint,
  pa: number,
  { context = 0n, bits = KERNEL_PAGE } = {},
): void {
  cpu.mmu.storeAsi(0x50, 0x30n, va | context)
  cpu.mmu.storeAsi(0x55, BigInt(entry) << 3n, bits | BigInt(pa))
}

describe('what is executed at an address is what is mapped and stored there now', () => {
  /** Physical pages: the word at each offset of page n is `mov` of a number that tells both, to %o0. */
  const FIRST_PAGE = 0x30_0000
  const OFFSETS = [0, 8, 0xff8, 0x1ff4]
  const VIRTUAL = [
    0x1000_0000n,
    0x1000_2000n,
    0x1008_0000n,
    0x1010_0000n,
    0x1_1000_0000n,
    0x2_1000_2000n,
    0xffff_f800_1000_0000n,
    0xffff_f800_9000_2000n,
  ]
  const CONTEXTS = [0n, 5n, 6n]

  const page = fc.nat(3)
  const address = fc.tuple(fc.constantFrom(...VIRTUAL), fc.constantFrom(...OFFSETS)).map(([va, at]) => va + BigInt(at))
  const operation = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('execute' as const), address }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('again' as const) }) },
    fc.record({ kind: fc.constant('context' as const), context: fc.constantFrom(...CONTEXTS) }),
    fc.record({ kind: fc.constant('level' as const), level: fc.nat(1) }),
    fc.record({ kind: fc.constant('mask' as const), on: fc.boolean() }),
    fc.record({
      kind: fc.constant('map' as const),
      va: fc.constantFrom(...VIRTUAL),
      entry: fc.integer({ min: 1, max: 12 }),
      page,
      context: fc.constantFrom(...CONTEXTS),
      global: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('demap' as const), context: fc.boolean(), va: fc.constantFrom(...VIRTUAL) }),
    fc.record({
      kind: fc.constant('store' as const),
      page,
      at: fc.constantFrom(...OFFSETS),
      size: fc.constantFrom(1, 2, 4, 8, 64),
      value: fc.nat(99),
    }),
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('patch' as const),
        size: fc.constantFrom(1, 2, 4, 8, 64),
        value: fc.nat(99),
      }),
    },
    fc.record({ kind: fc.constant('snapshot' as const) }),
    fc.record({ kind: fc.constant('restore' as const) }),
  )

  it('whatever is mapped, demapped, stored, restored, and whichever context, level and mask are chosen', () => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    const mov = wordOf('mov 0, %o0')
    const wordAt = (pa: number) => machine.peek(pa, 4)
    const fill = () => {
      for (let n = 0; n < 4; n++)
        for (const [index, at] of OFFSETS.entries())
          machine.poke(FIRST_PAGE + n * 8192 + at, 4, BigInt(mov + 100 * n + 10 * index))
    }
    const store = (pa: number, size: number, value: number) => {
      const first = BigInt(mov + value)
      const bytes = new Uint8Array(size)
      if (size >= 4) new DataView(bytes.buffer).setUint32(0, Number(first))
      else bytes[size - 1] = value
      const start = size < 4 ? pa + 4 - size : pa - (pa % size)
      if (size > 8) machine.memory.writeBytes(start, bytes)
      else machine.poke(start, size as 1, BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
    }
    const empty = machine.snapshot()
    const property = fc.property(fc.array(operation, { minLength: 20, maxLength: 60 }), (operations) => {
      machine.restore(empty)
      fill()
      let snapshot = machine.snapshot()
      let at = PROGRAM
      const execute = (va: bigint) => {
        const before = [cpu.get('tl'), cpu.get('pstate')] as const
        cpu.set('pc', va)
        cpu.set('npc', va + 4n)
        cpu.setR(8, 0xdeadn)
        const fetched = before[1] & PSTATE.AM ? va & 0xffff_ffffn : va
        const { trap, pa } = cpu.mmu.probe({
          va: fetched,
          context: cpu.space(),
          access: 'fetch',
          privileged: true,
          asi: 0x80,
        })
        const expected = trap === undefined && machine.memory.isRam(pa) ? wordAt(pa) : undefined
        machine.engine.run(0, 1)
        if (expected === undefined || expected >> 13n !== BigInt(mov >>> 13)) {
          if (expected === undefined) expect(cpu.get('tl')).toBe(before[0] + 1n)
        } else {
          expect([cpu.get('tl'), cpu.r(8)]).toEqual([before[0], expected & 0xfffn])
        }
        cpu.set('tl', before[0])
        cpu.set('pstate', before[1])
        cpu.modeChanged()
      }
      for (const one of operations) {
        switch (one.kind) {
          case 'execute':
            at = one.address
            execute(at)
            break
          case 'again':
            execute(at)
            break
          case 'context':
            cpu.mmu.storeAsi(0x58, 8n, one.context)
            break
          case 'level':
            cpu.setSmall('tl', one.level)
            cpu.modeChanged()
            break
          case 'mask':
            cpu.set('pstate', 0x14n | (one.on ? PSTATE.AM : 0n))
            cpu.modeChanged()
            break
          case 'map': {
            const { context, va, entry } = one
            cpu.mmu.storeAsi(0x57, (va & ~0x1fffn) | 0n, 0n)
            const bits = one.global ? KERNEL_PAGE | GLOBAL : KERNEL_PAGE
            map(cpu, entry, va, FIRST_PAGE + one.page * 8192, { context, bits })
            break
          }
          case 'demap':
            cpu.mmu.storeAsi(0x57, one.context ? 0x40n : one.va, 0n)
            break
          case 'store':
            store(FIRST_PAGE + one.page * 8192 + one.at, one.size, one.value)
            break
          case 'patch': {
            execute(at)
            const { trap, pa } = cpu.mmu.probe({
              va: at,
              context: cpu.space(),
              access: 'fetch',
              privileged: true,
              asi: 0x80,
            })
            if (trap !== undefined || pa < FIRST_PAGE || !machine.memory.isRam(pa)) break
            store(pa, one.size, one.value)
            execute(at)
            break
          }
          case 'snapshot':
            snapshot = machine.snapshot()
            break
          case 'restore':
            machine.restore(snapshot)
        }
      }
    })
    fc.assert(property, { numRuns: 25, seed: 3 })
  })

  it('a store to the primary context moves the next instruction to another page', () => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    for (const [context, value] of [
      [5n, 1],
      [6n, 2],
    ] as const) {
      const pa = FIRST_PAGE + value * 8192
      map(cpu, value, 0x1000_0000n, pa, { context })
      for (const [at, source] of ['stxa %g1, [%g2] 0x58', `mov ${value}, %o0`, `mov ${value}, %o1`].entries())
        machine.poke(pa + at * 4, 4, wordOf(source))
    }
    cpu.mmu.storeAsi(0x58, 8n, 5n)
    cpu.setR(1, 6n)
    cpu.setR(2, 8n)
    machine.start(0, 0x1000_0000n)
    machine.step(0, 3)
    expect([cpu.r(8), cpu.r(9)]).toEqual([2n, 2n])
  })

  it('a change of the trap level moves the next instruction to another context', () => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    for (const [n, context] of [5n, 0n].entries()) {
      map(cpu, n + 1, 0x1000_0000n, FIRST_PAGE + n * 8192, { context })
      for (const [at, source] of [`wrpr %g0, ${1 - n}, %tl`, `mov ${n + 1}, %o0`, `mov ${n + 1}, %o1`].entries())
        machine.poke(FIRST_PAGE + n * 8192 + at * 4, 4, wordOf(source))
    }
    cpu.mmu.storeAsi(0x58, 8n, 5n)
    for (const [tl, value] of [
      [0, 2n],
      [1, 1n],
    ] as const) {
      cpu.setSmall('tl', tl)
      machine.start(0, 0x1000_0000n)
      machine.step(0, 3)
      expect([cpu.r(8), cpu.r(9)]).toEqual([value, value])
    }
  })

  it('running on into the next page, and from the last page of 4 GB', () => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    for (const [n, va] of [0x1000_0000n, 0x1000_2000n, 0xffff_e000n, 0x1_0000_0000n].entries()) {
      map(cpu, n + 1, va, FIRST_PAGE + n * 8192)
      machine.poke(FIRST_PAGE + n * 8192, 4, wordOf(`add %o0, ${n + 1}, %o1`))
      machine.poke(FIRST_PAGE + n * 8192 + 0x1ffc, 4, wordOf(`mov ${n * 100 + 100}, %o0`))
    }
    machine.start(0, 0x1000_1ffcn)
    machine.step(0, 2)
    expect(cpu.r(9)).toBe(102n)
    for (const at of [0x1ff0, 0x1ff4, 0x1ff8]) machine.poke(FIRST_PAGE + 2 * 8192 + at, 4, wordOf('nop'))
    for (const before of [4n, 8n, 12n, 16n]) {
      cpu.setR(9, 0n)
      machine.start(0, 0x1_0000_0000n - before)
      machine.step(0, Number(before) / 4 + 1)
      expect([cpu.r(9), cpu.get('pc'), cpu.get('npc')]).toEqual([304n, 0x1_0000_0004n, 0x1_0000_0008n])
    }
  })

  it.each([
    [0x1000_0000n, 0x1_1000_0000n],
    [0x1_1000_0000n, 0x1000_0000n],
    [0x1000_0000n, 0x1000_2000n],
    [0x1000_0000n, 0n],
    [0n, 0x1000_0000n],
    [0x1000_0000n, 0xffff_f800_1000_0000n],
  ])('a jump from %i to %i and back, in one run', (here, there) => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    for (const [n, va] of [here, there].entries()) {
      cpu.mmu.storeAsi(0x57, va, 0n)
      map(cpu, n + 1, va, FIRST_PAGE + n * 8192)
      for (const [at, source] of [`jmp %g${2 - n}`, `add %o0, ${n + 1}, %o0`, `add %o1, ${n + 1}, %o1`].entries())
        machine.poke(FIRST_PAGE + n * 8192 + at * 4, 4, wordOf(source))
      cpu.setR(n + 1, va)
    }
    machine.start(0, here)
    machine.step(0, 40)
    expect([cpu.r(8), cpu.r(9), cpu.get('pc')]).toEqual([30n, 0n, here])
  })

  it.each([1n, 2n, 3n])('an address that is no multiple of 4, by %i, raises mem_address_not_aligned', (by) => {
    const { machine } = bareMachine('nop\nnop')
    const cpu = machine.cpus[0]!
    machine.step(0)
    machine.start(0, PROGRAM + by)
    machine.step(0)
    expect([cpu.get('tt', 0), cpu.get('tpc', 0)]).toEqual([0x34n, PROGRAM + by])
  })

  it('nothing but RAM: instruction_access_error, at its very end too', () => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    const end = machine.layout.ramBytes
    map(cpu, 1, 0x1000_0000n, end - 8192)
    map(cpu, 2, 0x1000_2000n, end)
    machine.poke(end - 4, 4, wordOf('mov 3, %o0'))
    machine.start(0, 0x1000_1ffcn)
    machine.step(0)
    expect([cpu.r(8), cpu.get('tl')]).toEqual([3n, 0n])
    machine.step(0)
    expect([cpu.get('tt', 0), cpu.get('tpc', 0)]).toEqual([0x0an, 0x1000_2000n])
  })

  it('an observed entry of the I-TLB is heard at each instruction, any other is not', () => {
    const { machine } = bareMachine('nop\nnop\nnop\nnop\nnop')
    const cpu = machine.cpus[0]!
    const heard: string[] = []
    machine.observeTlb(0, { use: (side) => heard.push(side) })
    machine.step(0, 2)
    expect(heard).toEqual([])
    const entry = cpu.mmu.entries('instruction').findIndex(({ valid }) => valid)
    cpu.mmu.setObserved('instruction', entry, true)
    machine.step(0, 2)
    expect(heard).toEqual(['instruction', 'instruction'])
    cpu.mmu.setObserved('instruction', entry, false)
    machine.step(0, 1)
    expect(heard).toHaveLength(2)
  })
})

it('a machine that is restored is in the mode that it was in', () => {
  const { machine } = bareMachine(`mov 1, %l1\nmov 2, %g1\nrd %pc, %o1\nrdpr %pil, %o2\nfzero %f2`)
  const cpu = machine.cpus[0]!
  const outcome = () => {
    machine.step(0, 5)
    return [
      cpu.get('tl'),
      cpu.get('tt', 0),
      cpu.get('globals', 1),
      cpu.get('globals', 9),
      cpu.get('windows', 9),
      cpu.r(9),
    ]
  }
  const modes = [
    {},
    { cwp: 3n },
    { pstate: 0x14n | PSTATE.AG },
    { pstate: 0x10n },
    { pstate: 0x04n },
    { fprs: 0n },
    { tl: 1n },
    { pstate: 0x14n | PSTATE.AM, pc: 0x1_0000_0000n | PROGRAM },
  ] as const
  const runs = modes.map((mode) => {
    for (const [field, value] of Object.entries({ cwp: 0n, fprs: 4n, tl: 0n, pstate: 0x14n, pc: PROGRAM, ...mode }))
      cpu.set(field as 'pc', value)
    cpu.set('npc', cpu.get('pc') + 4n)
    for (const register of [1, 9]) cpu.set('globals', 0n, register)
    cpu.set('windows', 0n, 9)
    cpu.set('tt', 0n, 0)
    cpu.modeChanged()
    const snapshot = machine.snapshot()
    return { snapshot, expected: outcome() }
  })
  for (const { snapshot, expected } of [...runs].reverse()) {
    machine.restore(snapshot)
    expect(outcome()).toEqual(expected)
  }
  expect(new Set(runs.map(({ expected }) => expected.join())).size).toBeGreaterThan(5)
})

describe('break and watch points', () => {
  it('of instructions in a row stop at each', () => {
    const { machine } = bareMachine('nop\nnop\nnop\nnop')
    for (const n of [1n, 2n, 3n]) machine.addBreakpoint(PROGRAM + 4n * n)
    for (const n of [1n, 2n, 3n]) {
      expect(machine.run(10)).toEqual({ reason: 'breakpoint', cpu: 0, instructions: 1 })
      expect(machine.cpus[0]!.get('pc')).toBe(PROGRAM + 4n * n)
    }
  })

  it('of a loop of one instruction stop each time', () => {
    const { machine } = bareMachine('loop: ba,a loop')
    machine.addBreakpoint(PROGRAM)
    for (const instructions of [0, 1, 1]) expect(machine.run(10)).toMatchObject({ reason: 'breakpoint', instructions })
  })

  it('of loads in a row stop at each', () => {
    const { machine } = bareMachine('ldx [%g1], %o0\nldx [%g1], %o1\nldx [%g1], %o2\nnop')
    machine.cpus[0]!.setR(1, 0x30_0000n)
    machine.addWatchpoint({ space: 'virtual', address: 0x30_0000 })
    for (const instructions of [0, 1, 1]) expect(machine.run(10)).toMatchObject({ reason: 'watchpoint', instructions })
    expect(machine.run(10).reason).toBe('budget')
  })

  it('in the handler of a trap that the instruction raises which was stopped at', () => {
    const { machine } = bareMachine('ta 1')
    const handler = 0x10_0000n + 0x101n * 32n
    machine.addBreakpoint(PROGRAM)
    machine.addBreakpoint(handler)
    for (const pc of [PROGRAM, handler]) {
      expect(machine.run(10)).toEqual({ reason: 'breakpoint', cpu: 0, instructions: 0 })
      expect(machine.cpus[0]!.get('pc')).toBe(pc)
    }
  })

  it('are met again by a machine that is restored to before one, and by one that stands at it', () => {
    const { machine } = bareMachine('nop\nnop\nnop\nnop')
    machine.addBreakpoint(PROGRAM + 8n)
    const before = machine.snapshot()
    expect(machine.run(10)).toMatchObject({ reason: 'breakpoint', instructions: 2 })
    const stands = machine.snapshot()
    for (const [snapshot, instructions] of [
      [stands, 0],
      [before, 2],
    ] as const) {
      machine.restore(snapshot)
      expect(machine.run(10)).toEqual({ reason: 'breakpoint', cpu: 0, instructions })
    }
  })

  it('another PC than that of the last stop is no place to pass by', () => {
    const { machine } = bareMachine('nop\nnop\nnop\nnop')
    machine.addBreakpoint(PROGRAM)
    machine.addBreakpoint(PROGRAM + 8n)
    expect(machine.run(10).instructions).toBe(0)
    machine.start(0, PROGRAM + 8n)
    expect(machine.run(10)).toEqual({ reason: 'breakpoint', cpu: 0, instructions: 0 })
  })

  it('a pending interrupt is taken before the instruction of a breakpoint', () => {
    const { machine } = bareMachine('nop\nnop')
    const cpu = machine.cpus[0]!
    setVector(machine, 0x60, 'nop\nnop')
    machine.addBreakpoint(PROGRAM)
    cpu.set('pstate', cpu.get('pstate') | PSTATE.IE)
    cpu.set('mondoReceive', 0x20n)
    cpu.modeChanged()
    expect(machine.run(2)).toEqual({ reason: 'budget', instructions: 2 })
    expect([cpu.get('tt', 0), cpu.get('tpc', 0)]).toEqual([0x60n, PROGRAM])
  })
})

describe('a run of one CPU', () => {
  it('executes its budget, no more', () => {
    const { machine } = bareMachine('loop: inc %o0\nba loop\ninc %o1')
    for (const budget of [0, 1, 2, 7]) {
      expect(machine.engine.run(0, budget)).toBe('budget')
      expect(machine.engine.executed).toBe(budget)
    }
  })

  it('of a CPU that does not run says why and executes nothing', () => {
    const { machine } = bareMachine('nop', { cpus: 2 })
    expect([machine.engine.run(1, 5), machine.engine.executed]).toEqual(['halted', 0])
    machine.cpus[1]!.setSmall('status', 2)
    expect([machine.engine.run(1, 5), machine.engine.executed]).toEqual(['error-state', 0])
  })

  it('makes its accesses in the name of that CPU', () => {
    const { machine } = bareMachine('ldx [%g1], %o0\nstx %o0, [%g1]', { cpus: 2 })
    machine.start(1, PROGRAM)
    const seen: [string, number][] = []
    machine.memory.observer = {
      load: (cpu) => seen.push(['load', cpu]),
      store: (cpu) => seen.push(['store', cpu]),
    } satisfies MemoryObserver
    machine.memory.setPageFlag(0x30_0000, 4, true)
    for (const cpu of [1, 0]) {
      machine.cpus[cpu]!.setR(1, 0x30_0000n)
      machine.step(cpu, 2)
    }
    expect(seen).toEqual([
      ['load', 1],
      ['store', 1],
      ['load', 0],
      ['store', 0],
    ])
  })

  it('passes on what is thrown that is no trap of the guest', () => {
    const failure = new Error('mine')
    const device = {
      name: 'broken',
      base: 0x4000_0000,
      bytes: 8192,
      load: () => {
        throw failure
      },
      store: () => {},
    }
    const { machine } = bareMachine('ldxa [%g1] 0x15, %o0\nnop')
    machine.memory.addDevice(device)
    machine.cpus[0]!.setR(1, 0x4000_0000n)
    expect(() => machine.step(0)).toThrow(failure)
    expect(machine.cpus[0]!.get('tl')).toBe(0n)
  })
})

describe('a pending interrupt and the fetch of the next instruction', () => {
  const HIGH = 0xffff_fff8_0000_0000n

  it.each([
    ['with PSTATE.AM is that of the low half of PC', PSTATE.AM, 0x60n],
    ['without it, of all of PC: its trap comes first', 0n, 0x64n],
  ])('%s', (_, mask, tt) => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    cpu.set('pstate', 0x14n | PSTATE.IE | mask)
    cpu.set('mondoReceive', 0x20n)
    cpu.set('pc', HIGH | PROGRAM)
    cpu.set('npc', (HIGH | PROGRAM) + 4n)
    cpu.modeChanged()
    machine.step(0)
    expect(cpu.get('tt', 0)).toBe(tt)
  })

  it('from outside of RAM: instruction_access_error comes first', () => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    map(cpu, 1, 0x1000_0000n, machine.layout.ramBytes + Number(PAGE))
    cpu.set('pstate', 0x14n | PSTATE.IE)
    cpu.set('mondoReceive', 0x20n)
    machine.start(0, 0x1000_0000n)
    machine.step(0)
    expect(cpu.get('tt', 0)).toBe(0x0an)
  })

  it.each([0, 4, 0xffc, 0x1ffc])('tries the instruction at that place of its page: %i', (at) => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    map(cpu, 1, 0x1000_0000n, Number(PROGRAM))
    for (const [words, tt] of [
      [['ta 1', 'nop'], 0x101n],
      [['nop', 'ta 1'], 0x60n],
    ] as const) {
      for (const place of [0, 4, 0xffc, 0x1ffc])
        machine.poke(Number(PROGRAM) + place, 4, wordOf(words[place === at ? 0 : 1]))
      cpu.setSmall('tl', 0)
      cpu.set('pstate', 0x14n | PSTATE.IE)
      cpu.set('mondoReceive', 0x20n)
      machine.start(0, 0x1000_0000n + BigInt(at))
      machine.step(0)
      expect(cpu.get('tt', 0)).toBe(tt)
    }
  })
})
