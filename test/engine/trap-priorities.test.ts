import { describe, expect, it } from 'vitest'
import { comesBefore, TRAPS, type Trap, trapTypeName } from '../../src/isa'
import { trapInstructions } from './interrupted'
import { EXCLUSIVE, SITUATIONS, type Situation } from './trap-pairs'
import { trapped } from './trapped'

/** Every trap with its place in the order: priority, then order within it. */
const PLACES = Object.entries<Trap>(TRAPS).flatMap(([name, { priority, order = 0 }]) =>
  name === 'interrupt_level_1'
    ? Array.from({ length: 15 }, (_, n) => ({ name: `interrupt_level_${n + 1}`, place: (31 - n) * 10 }))
    : [{ name, place: priority * 10 + order }],
)

const NEIGHBOURS = (() => {
  const places = [...new Set(PLACES.map(({ place }) => place))].sort((a, b) => a - b)
  const at = (place: number | undefined) => PLACES.filter((trap) => trap.place === place).map(({ name }) => name)
  return places.flatMap((place, n) =>
    at(place).flatMap((higher) => at(places[n + 1]).map((lower) => `${higher} > ${lower}`)),
  )
})()

/** The table's name of the first trap of a situation; undefined if none came before its final `ta 9`. */
function firstTrap({ source, unprivileged = false, config = {}, prepare }: Situation): string | undefined {
  const { event } = trapped(source, { ...config, unprivileged, ...(prepare ? { prepare } : {}) })
  if (event.type === 0x109) return undefined
  if (event.type > 0x40 && event.type < 0x50) return trapTypeName(event.type)
  return Object.entries<Trap>(TRAPS).find(([, { tt, types = 1 }]) => event.type >= tt && event.type < tt + types)![0]
}

describe('the order of traps (V9 table 7-2, UltraSPARC-I table 8-6)', () => {
  it('every neighbouring pair is either tried or known to exclude each other', () => {
    expect([...SITUATIONS.keys(), ...EXCLUSIVE.keys()].sort()).toEqual([...NEIGHBOURS].sort())
  })

  it.each(NEIGHBOURS.filter((pair) => SITUATIONS.has(pair)))('%s', (pair) => {
    const [higher, lower] = pair.split(' > ')
    const situation = SITUATIONS.get(pair)!
    expect(firstTrap(situation(false, false))).toBe(undefined)
    expect(firstTrap(situation(true, false))).toBe(higher)
    expect(firstTrap(situation(false, true))).toBe(lower)
    expect(firstTrap(situation(true, true))).toBe(higher)
  })

  it('the priorities are those of the manual', () => {
    const priorities = Object.fromEntries(Object.entries<Trap>(TRAPS).map(([name, { priority }]) => [name, priority]))
    expect(priorities).toMatchObject({
      instruction_access_exception: 5,
      illegal_instruction: 7,
      privileged_opcode: 6,
      fp_disabled: 8,
      fp_exception_ieee_754: 11,
      tag_overflow: 14,
      clean_window: 10,
      division_by_zero: 15,
      data_access_exception: 12,
      privileged_action: 11,
      interrupt_vector: 16,
      corrected_ECC_error: 33,
      fast_instruction_access_MMU_miss: 2,
      window_spill: 9,
    })
    for (let level = 1; level < 15; level++) expect(comesBefore(0x41 + level, 0x40 + level)).toBe(true)
  })

  it('names types that are never raised', () => {
    expect([0x40, 0x70, 0x05, 0x29, 0x3f].map(trapTypeName)).toEqual([
      'async_data_error',
      'fast_ECC_error',
      'RED_state_exception',
      'internal_processor_error',
      'reserved_0x3f',
    ])
  })
})

describe('traps that are no neighbours', () => {
  it.each([
    [
      'window_fill',
      'mem_address_not_aligned',
      { source: 'return %g1 + 2', prepare: (cpu) => cpu.setSmall('canrestore', 0) },
    ],
    [
      'mem_address_not_aligned',
      'instruction_access_exception',
      { source: 'mov 1, %g1\nsllx %g1, 43, %g1\njmp %g1 + 2\nnop' },
    ],
    [
      'window_fill',
      'instruction_access_exception',
      {
        source: 'mov 1, %g1\nsllx %g1, 43, %g1\nreturn %g1\nnop',
        prepare: (cpu) => cpu.setSmall('canrestore', 0),
      },
    ],
    [
      'fp_disabled',
      'LDDF_mem_address_not_aligned',
      { source: 'ldd [%g0 + 4], %f0', prepare: (cpu) => cpu.set('fprs', 0n) },
    ],
    ['illegal_instruction', 'mem_address_not_aligned', { source: '.word 0xd2182001' }],
    ['illegal_instruction', 'fp_disabled', { source: 'ldda [%g0] 0xf0, %f2', prepare: (cpu) => cpu.set('fprs', 0n) }],
    [
      'LDDF_mem_address_not_aligned',
      'privileged_action',
      { source: 'ldda [%g0 + 4] %asi, %f0', unprivileged: true, prepare: (cpu) => cpu.set('asi', 4n) },
    ],
  ] as readonly (readonly [string, string, Situation])[])('%s > %s', (higher, lower, situation) => {
    expect(firstTrap(situation)).toBe(higher)
    expect(comesBefore(typeOf(higher), typeOf(lower)) || lower === 'instruction_access_exception').toBe(true)
  })
})

function typeOf(name: string): number {
  return (TRAPS as Readonly<Record<string, Trap>>)[name]!.tt
}

describe('a pending interrupt and a trap of the next instruction (V9 7.5)', () => {
  const pending = (mondo: boolean) => (cpu: Parameters<NonNullable<Situation['prepare']>>[0]) => {
    cpu.set('pstate', cpu.get('pstate') | 2n)
    if (mondo) cpu.set('mondoReceive', 0x20n)
    else cpu.set('softint', 1n << 15n)
  }

  it.each(trapInstructions)(
    '%s: the trap is taken first, the interrupt when the handler allows it',
    (name, source, prepare) => {
      for (const mondo of [true, false]) {
        const { event, cpu, machine } = trapped(source, {
          prepare: (cpu) => {
            prepare?.(cpu)
            pending(mondo)(cpu)
          },
        })
        expect(event.name).toBe(name)
        const types: number[] = []
        machine.events.on('trap', ({ type }) => types.push(type))
        cpu.set('pstate', cpu.get('pstate') | 2n)
        cpu.modeChanged()
        machine.step(0)
        expect(types).toEqual([mondo ? 0x60 : 0x4f])
      }
    },
  )

  it.each([
    'add %g1, 1, %g1',
    'st %g1, [%g2]',
    'swap [%g2], %g1',
    'ldd [%g2], %f0',
    'faddd %f0, %f2, %f4',
    'fdivd %f2, %f2, %f4',
    'save',
    'restore',
    'call . + 8',
    'wrpr %g0, 3, %pil',
    'wrpr %g0, 0, %cwp',
    'wr %g0, 0xff, %set_softint',
    'stxa %g1, [%g3] 0x58',
    'ldda [%g2] 0xf0, %f0',
    'flushw',
    'saved',
    'flush %g2',
    'membar #Sync',
  ])('%s does not trap: the interrupt is taken, and nothing has changed', (instruction) => {
    const prepare = (cpu: Parameters<NonNullable<Situation['prepare']>>[0]) => {
      cpu.set('globals', 7n, 1)
      cpu.set('globals', 0x20_0800n, 2)
      cpu.set('globals', 8n, 3)
      cpu.set('fprs', 4n)
      cpu.setSmall('cansave', 6)
      cpu.setSmall('canrestore', 1)
      cpu.setSmall('cansave', instruction === 'saved' ? 0 : 6)
    }
    const quiet = trapped(`${instruction}\n`, {
      prepare: (cpu) => {
        prepare(cpu)
        pending(true)(cpu)
      },
    })
    const plain = trapped('ta 1', { prepare })
    expect(quiet.event.name).toBe('interrupt_vector')
    expect(quiet.cpu.get('tpc', 0)).toBe(plain.cpu.get('tpc', 0))
    const state = ({ cpu }: typeof plain) => [
      ...Array.from({ length: 8 }, (_, n) => cpu.get('globals', n)),
      ...Array.from({ length: 128 }, (_, n) => cpu.get('windows', n)),
      ...Array.from({ length: 32 }, (_, n) => cpu.get('float', n)),
      ...(['fsr', 'fprs', 'cansave', 'canrestore', 'cleanwin', 'cwp', 'dmmuPrimaryContext', 'pil'] as const).map((f) =>
        cpu.get(f),
      ),
    ]
    expect(state(quiet)).toEqual(state(plain))
    expect(quiet.machine.peek(0x20_0800, 8)).toBe(0n)
    expect(quiet.cpu.mmu.entries('data').some((entry) => entry.used)).toBe(false)
  })
})
