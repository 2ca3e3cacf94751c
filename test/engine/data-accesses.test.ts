import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bareMachine, PROGRAM } from './bare-machine'
import { PSTATE } from './trapped'

const PAGE = 8192n
const MAPPED_TO_ITSELF = 4n << 20n
/** Pages that are alike in the lower half of their address, in bits 20:13, or in both. */
const VIRTUAL_PAGES = [
  0x4000_0000n,
  0x4000_2000n,
  0x4020_0000n,
  0x401f_e000n,
  0x1_4000_0000n,
  0x1_4000_2000n,
  0x40_0000_0000n,
  0x80_0000_0000n,
  0xffff_ffff_4000_2000n,
]
const CONTEXTS = [0n, 5n, 6n]
const MAPPINGS = VIRTUAL_PAGES.flatMap((va, row) =>
  CONTEXTS.map((context, column) => ({
    va,
    context,
    pa: 0x30_0000n + PAGE * BigInt(row * CONTEXTS.length + column),
    writable: (row + column) % 4 !== 3,
    privileged: (row + column) % 3 === 1,
  })),
)

const INSTRUCTIONS = [
  ['ldub [%o0], %o1', 'load', 1],
  ['lduh [%o0], %o1', 'load', 2],
  ['lduw [%o0], %o1', 'load', 4],
  ['ldx [%o0], %o1', 'load', 8],
  ['stb %o1, [%o0]', 'store', 1],
  ['sth %o1, [%o0]', 'store', 2],
  ['stw %o1, [%o0]', 'store', 4],
  ['stx %o1, [%o0]', 'store', 8],
  ['swap [%o0], %o1', 'atomic', 4],
] as const

const access = fc.record({
  instruction: fc.nat(INSTRUCTIONS.length - 1),
  page: fc.constantFrom(...VIRTUAL_PAGES, 0n),
  offset: fc.oneof(
    fc.nat(8191),
    fc.nat(7).map((n) => n * 64),
  ),
  misaligned: fc.nat(9).map((n) => n === 0),
  context: fc.constantFrom(5n, 6n),
  level: fc.constantFrom(0, 1),
  pstate: fc.subarray([PSTATE.PRIV, PSTATE.AM, PSTATE.CLE]).map((bits) => bits.reduce((all, bit) => all | bit, 0n)),
  value: fc.bigInt(0n, (1n << 64n) - 1n),
})

it('loads and stores reach the page of their context, in its order of bytes, or trap: whatever was accessed before', () => {
  const { machine } = bareMachine(INSTRUCTIONS.map(([source]) => source).join('\n'))
  const cpu = machine.cpus[0]!
  const memory = new Uint8Array(machine.layout.ramBytes)
  let trap: string | undefined
  machine.events.on('trap', ({ name }) => {
    trap ??= name
  })
  for (const { context, pa, privileged, va, writable } of MAPPINGS) {
    cpu.mmu.storeAsi(0x58, 0x30n, va | context)
    const flags = 0x30n | (privileged ? 4n : 0n) | (writable ? 2n : 0n)
    cpu.mmu.storeAsi(0x5c, 0n, (1n << 63n) | pa | flags)
    for (let n = 0n; n < PAGE; n++) memory[Number(pa + n)] = Number((pa / PAGE) * 7n + n * 31n) & 0xff
    machine.memory.writeBytes(Number(pa), memory.subarray(Number(pa), Number(pa + PAGE)))
  }
  /** Where an access comes to, or how it traps. */
  const target = (va: bigint, context: bigint, size: number, stores: boolean, supervisor: boolean): bigint | string => {
    if (va % BigInt(size) !== 0n) return 'mem_address_not_aligned'
    if (va < MAPPED_TO_ITSELF) return va
    const mapping = MAPPINGS.find((one) => one.va === va - (va % PAGE) && one.context === context)
    if (mapping === undefined) return 'fast_data_access_MMU_miss'
    if (mapping.privileged && !supervisor) return 'data_access_exception'
    return stores && !mapping.writable ? 'fast_data_access_protection' : mapping.pa + (va % PAGE)
  }
  const bytesOf = (word: bigint, size: number, little: boolean) => {
    const bytes = Array.from({ length: size }, (_, n) => Number((word >> BigInt(8 * (size - 1 - n))) & 0xffn))
    return little ? bytes.reverse() : bytes
  }
  const property = fc.property(fc.array(access, { minLength: 20, maxLength: 40 }), (accesses) => {
    for (const { context, instruction, level, misaligned, offset, page, pstate, value } of accesses) {
      const [source, kind, size] = INSTRUCTIONS[instruction]!
      const address = page + BigInt(misaligned ? offset : offset - (offset % size))
      cpu.mmu.storeAsi(0x58, 8n, context)
      cpu.setSmall('tl', level)
      cpu.set('pstate', pstate)
      cpu.setSmall('cwp', 0)
      cpu.modeChanged()
      cpu.setR(8, address)
      cpu.setR(9, value)
      cpu.set('pc', PROGRAM + BigInt(4 * instruction))
      cpu.set('npc', PROGRAM)
      trap = undefined
      machine.step(0)
      const va = pstate & PSTATE.AM ? BigInt.asUintN(32, address) : address
      const supervisor = (pstate & PSTATE.PRIV) !== 0n
      const at = target(va, level > 0 ? 0n : context, size, kind !== 'load', supervisor)
      expect([source, address, trap]).toEqual([source, address, typeof at === 'string' ? at : undefined])
      if (typeof at === 'string') continue
      const little = (pstate & PSTATE.CLE) !== 0n
      const before = [...memory.subarray(Number(at), Number(at) + size)]
      if (kind !== 'load') memory.set(bytesOf(value, size, little), Number(at))
      if (kind !== 'store') expect(bytesOf(cpu.r(9), size, little)).toEqual(before)
      const block = Number(at - (at % 64n))
      expect(machine.memory.readBytes(block, 64)).toEqual(memory.slice(block, block + 64))
    }
  })
  fc.assert(property, { numRuns: 60 })
})

it('a page of one context is not taken for that of another, at any distance from its start', () => {
  const { machine } = bareMachine('ldx [%o0], %o1')
  const cpu = machine.cpus[0]!
  const [page] = VIRTUAL_PAGES
  const contexts = [5n, 6n, 7n, 8n]
  for (const [n, context] of contexts.entries()) {
    const pa = 0x30_0000n + PAGE * BigInt(n)
    cpu.mmu.storeAsi(0x58, 0x30n, page! | context)
    cpu.mmu.storeAsi(0x5c, 0n, (1n << 63n) | pa | 0x36n)
    for (let offset = 0; offset < PAGE; offset += 64) machine.poke(Number(pa) + offset, 8, context)
  }
  const load = (context: bigint, offset: number): bigint => {
    cpu.mmu.storeAsi(0x58, 8n, context)
    cpu.modeChanged()
    cpu.setR(8, page! + BigInt(offset))
    cpu.set('pc', PROGRAM)
    cpu.set('npc', PROGRAM)
    machine.step(0)
    return cpu.r(9)
  }
  for (const before of contexts)
    for (const context of contexts)
      for (let offset = 0; offset < 16 * 64; offset += 64)
        expect([load(before, 0), load(context, offset)]).toEqual([before, context])
})
