import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AsiDevice } from '../../src/engine/engine'
import { CpuRegisters } from '../../src/engine/registers'
import { MODELS, type ModelName } from '../../src/isa/models'
import { dispatchAddress, dispatchPair, MondoUnit } from '../../src/smp/mondo'
import { Arena } from '../../src/state/arena'
import { createLayout } from '../../src/state/layout'

const STATUS = 0x48
const RECEIVE = 0x49
const WRITE = 0x77
const READ = 0x7f
const DELAY = 9
const ILLEGAL_ASI = 8

/** What the manuals say of each kind: UltraSPARC-I 9.3; SPARC64 V JPS1 supplement N.4; Linux arch/sparc/kernel/smp_64.c cheetah_xcall_deliver. */
const KINDS = [
  { model: 'ultrasparc-ii', cpus: 32, data: [0x40n, 0x50n, 0x60n], pairOf: () => 0 },
  {
    model: 'cheetah',
    cpus: 64,
    data: [0x40n, 0x48n, 0x50n, 0x58n, 0x60n, 0x68n, 0x80n, 0x88n],
    pairOf: (pair: number) => pair,
  },
  {
    model: 'jalapeno',
    cpus: 64,
    data: [0x40n, 0x48n, 0x50n, 0x58n, 0x60n, 0x68n, 0x80n, 0x88n],
    pairOf: (_: number, target: number) => target % 4,
  },
] as const satisfies readonly {
  model: ModelName
  cpus: number
  data: readonly bigint[]
  pairOf(pair: number, target: number): number
}[]

interface Happened {
  readonly what: 'sent' | 'accepted' | 'nacked'
  readonly sender: number
  readonly target: number
  readonly words: readonly bigint[]
}

function unit(model: ModelName, cpus: number) {
  const arena = new Arena(createLayout({ cpus, ramBytes: 8192, itlbEntries: 1, dtlbEntries: 1 }))
  const registers = Array.from({ length: cpus }, (_, cpu) => new CpuRegisters(arena, cpu))
  const happened: Happened[] = []
  const told = (what: Happened['what']) => (sender: number, target: number, words: readonly bigint[]) => {
    happened.push({ what, sender, target, words })
  }
  const listener = { sent: told('sent'), accepted: told('accepted'), nacked: told('nacked') }
  const passedOn: unknown[][] = []
  const others: AsiDevice = {
    handles: () => true,
    refusal: (...call) => passedOn.push(['refusal', ...call]) && 77,
    load: (...call) => BigInt(passedOn.push(['load', ...call])) && 0x7777n,
    store: (...call) => void passedOn.push(['store', ...call]),
  }
  const device = new MondoUnit(registers, MODELS[model].mondo, listener, DELAY, others)
  return { device, registers, happened, passedOn }
}

describe.each(KINDS)('the mondo registers of $model', ({ model, cpus, data, pairOf }) => {
  const cpu = fc.nat(cpus - 1)
  const near = fc.oneof(fc.nat(2), cpu)
  const operation = fc.oneof(
    fc.record({
      what: fc.constant('data' as const),
      cpu: near,
      word: fc.nat(data.length - 1),
      value: fc.bigInt(0n, (1n << 64n) - 1n),
    }),
    fc.record({
      what: fc.constant('dispatch' as const),
      cpu: near,
      target: fc.oneof(
        { weight: 9, arbitrary: near },
        { weight: 1, arbitrary: cpus === 32 ? cpu : fc.constantFrom(64, 65, 512, 1023) },
      ),
      pair: fc.nat(cpus === 32 ? 0 : 31),
    }),
    fc.record({ what: fc.constant('clear' as const), cpu: near, value: fc.constantFrom(0n, 0x20n, 0x7ffn) }),
  )

  it('are those of a machine in which each CPU holds one mondo until it clears BUSY', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const { device, registers, happened } = unit(model, cpus)
        const expected: Happened[] = []
        const state = registers.map(() => ({
          out: data.map(() => 0n),
          in: data.map(() => 0n),
          from: 0,
          busy: false,
          nacked: new Set<number>(),
          delay: 0n,
        }))
        for (const one of operations) {
          const own = state[one.cpu]!
          if (one.what === 'data') {
            device.store(one.cpu, WRITE, data[one.word]!, one.value)
            own.out[one.word] = one.value
          } else if (one.what === 'clear') {
            device.store(one.cpu, RECEIVE, 0n, one.value)
            own.busy = false
          } else {
            const { cpu: sender, target, pair } = one
            device.store(sender, WRITE, BigInt(pair) * (1n << 24n) + BigInt(target) * (1n << 14n) + 0x70n, 0n)
            const words = [...own.out]
            const to = state[target]
            const accepted = to !== undefined && !to.busy
            expected.push({ what: 'sent', sender, target, words })
            expected.push({ what: accepted ? 'accepted' : 'nacked', sender, target, words })
            if (accepted) {
              Object.assign(to, { in: words, from: sender, busy: true, delay: BigInt(DELAY) })
              own.nacked.delete(pairOf(pair, target))
            } else own.nacked.add(pairOf(pair, target))
          }
        }
        expect(happened).toEqual(expected)
        const found = registers.map((cpu, index) => ({
          out: data.map((_, n) => cpu.get('mondoOut', n)),
          in: data.map((va) => device.load(index, READ, va)),
          status: device.load(index, STATUS, 0n),
          receive: device.load(index, RECEIVE, 0n),
          delay: cpu.get('mondoCountdown'),
        }))
        expect(found).toEqual(
          state.map(({ out, in: received, from, busy, nacked, delay }) => ({
            out,
            in: received,
            status: [...nacked].reduce((sum, pair) => sum + 2n * 4n ** BigInt(pair), 0n),
            // SID_U, BUSY, SID_L
            receive: (from >= 32 ? 0x40n : 0n) + (busy ? 0x20n : 0n) + BigInt(from % 32),
            delay,
          })),
        )
      }),
      { numRuns: 100 },
    )
  })

  it('are at their addresses, for loads or stores, and no others are (UltraSPARC-I 9.3.1 to 9.3.5)', () => {
    const { device, passedOn } = unit(model, 1)
    const addresses = [
      ...Array.from({ length: 0x20 }, (_, n) => BigInt(8 * n)),
      ...Array.from({ length: 11 }, (_, n) => 0x70n ^ (8n << BigInt(n))),
      0x4070n,
      0x4078n,
      0x7f_c070n,
      1n << 63n,
    ]
    for (const va of addresses)
      for (const access of ['load', 'store'] as const) {
        const refused = (asi: number) => device.refusal(0, asi, va, access)
        const isData = (data as readonly bigint[]).includes(va)
        const isDispatch = [0x70n, 0x4070n, 0x7f_c070n].includes(va)
        const where = `${access} 0x${va.toString(16)}`
        expect([where, refused(STATUS)]).toEqual([where, access === 'load' && va === 0n ? 0 : ILLEGAL_ASI])
        expect([where, refused(RECEIVE)]).toEqual([where, va === 0n ? 0 : ILLEGAL_ASI])
        passedOn.length = 0
        const [read, write] = [isData, isData || isDispatch].map((own, n) =>
          own ? (access === (n === 0 ? 'load' : 'store') ? 0 : ILLEGAL_ASI) : 77,
        )
        expect([where, refused(READ), refused(WRITE)]).toEqual([where, read, write])
        const calls = [
          ...(read === 77 ? [['refusal', 0, READ, va, access]] : []),
          ...(write === 77 ? [['refusal', 0, WRITE, va, access]] : []),
        ]
        expect(passedOn).toEqual(calls)
      }
  })

  it('leave what else is behind their ASIs to another device', () => {
    const { device, registers, happened, passedOn } = unit(model, 1)
    const before = [...registers[0]!.w64]
    for (const va of [0x00n, 0x18n, 0x20n, 0x38n]) {
      expect(device.load(0, READ, va)).toBe(0x7777n)
      device.store(0, WRITE, va, 5n)
      expect(passedOn.splice(0)).toEqual([
        ['load', 0, READ, va],
        ['store', 0, WRITE, va, 5n],
      ])
    }
    expect([[...registers[0]!.w64], happened]).toEqual([before, []])
  })

  it('are behind four ASIs', () => {
    const { device } = unit(model, 1)
    const asis = Array.from({ length: 256 }, (_, asi) => asi).filter((asi) => device.handles(asi))
    expect(asis).toEqual([STATUS, RECEIVE, WRITE, READ])
  })

  it('have a dispatch address for each target and pair, from which the pair is read back', () => {
    const { mondo } = MODELS[model]
    for (const target of [0, 1, 2, 3, 5, 30, 31, 62, 63])
      for (const pair of [0, 1, 2, 16, 31]) {
        const chosen = model === 'cheetah' ? `${pair.toString(2).padStart(5, '0')}` : '00000'
        const expected = BigInt(`0b${chosen}${target.toString(2).padStart(10, '0')}${'00000001110000'}`)
        expect(dispatchAddress(mondo, target, pair)).toBe(expected)
        expect(dispatchPair(mondo, expected)).toBe(pairOf(pair, target))
      }
  })
})
