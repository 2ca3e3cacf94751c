import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bareMachine } from './bare-machine'

const CODE = 0x30_0000
/** V, CP, CV, P, W, G: an 8 KB page. */
const PAGE = (1n << 63n) | 0x37n
const AM = 8n
const NOP = 0x0100_0000
const BA = 0x1080_0000
/** With icc.Z clear: not taken, and taken. */
const BE = 0x0280_0000
const BNE = 0x1280_0000
const ANNUL = 0x2000_0000

const ENDS = [0n, 0x2000n, 1n << 32n, 0xffff_f800_0000_0000n, 0xffff_ffff_0000_0000n, 0xffff_ffff_8000_0000n]
const address = fc.oneof(
  fc.tuple(fc.constantFrom(...ENDS), fc.integer({ min: -4, max: 4 })).map(([end, words]) => end + BigInt(words * 4)),
  fc.bigInt({ min: 0n, max: (1n << 43n) - 4n }).map((va) => va & ~3n),
)
const displacement = fc.oneof(fc.integer({ min: -(1 << 21), max: (1 << 21) - 1 }), fc.integer({ min: -4, max: 4 }))

describe('PC and nPC after an instruction (V9 A.7)', () => {
  const { machine } = bareMachine('nop')
  const cpu = machine.cpus[0]!

  function after(word: number, pc: bigint, npc: bigint, addressMask: boolean): [bigint, bigint] {
    const page = pc & ~0x1fffn
    cpu.mmu.storeAsi(0x57, page | 0x20n, 0n)
    cpu.mmu.storeAsi(0x50, 0x30n, page)
    cpu.mmu.storeAsi(0x55, 5n << 3n, PAGE | BigInt(CODE))
    machine.poke(CODE + Number(pc & 0x1fffn), 4, word)
    for (const [field, value] of [
      ['pc', pc],
      ['npc', npc],
      ['ccr', 0n],
      ['tl', 0n],
      ['pstate', 0x14n | (addressMask ? AM : 0n)],
    ] as const)
      cpu.set(field, value)
    cpu.modeChanged()
    machine.step(0)
    expect(cpu.get('tl')).toBe(0n)
    return [cpu.get('pc'), cpu.get('npc')]
  }

  const kinds = [
    ['an instruction that transfers no control', () => NOP, (npc) => [npc, npc + 4n]],
    ['ba', (disp) => BA | disp, (npc, target) => [npc, target]],
    ['ba,a', (disp) => BA | ANNUL | disp, (_, target) => [target, target + 4n]],
    ['a branch that is taken', (disp) => BNE | disp, (npc, target) => [npc, target]],
    ['one that is taken and would annul', (disp) => BNE | ANNUL | disp, (npc, target) => [npc, target]],
    ['one that is not taken', (disp) => BE | disp, (npc) => [npc, npc + 4n]],
    ['one that is not taken and annuls', (disp) => BE | ANNUL | disp, (npc) => [npc + 4n, npc + 8n]],
  ] as const satisfies readonly (readonly [
    string,
    (disp: number) => number,
    (npc: bigint, target: bigint) => [bigint, bigint],
  ])[]

  it.each(kinds)('%s, in 64 bits and with PSTATE.AM in 32', (_, word, expected) => {
    const property = fc.property(address, address, displacement, fc.boolean(), (at, next, disp, addressMask) => {
      const wrap = (va: bigint) => BigInt.asUintN(addressMask ? 32 : 64, va)
      const [pc, npc] = [wrap(at), wrap(next)]
      fc.pre(addressMask || BigInt.asUintN(64, BigInt.asIntN(44, pc)) === pc)
      fc.pre(pc >> 22n !== 0n)
      const target = pc + BigInt(disp) * 4n
      const found = after(word(disp & 0x3f_ffff) >>> 0, pc, npc, addressMask)
      expect(found).toEqual(expected(npc, target).map(wrap))
    })
    const [at0, at4G] = [0n, 1n << 32n].map((npc) => [0x1000_0000n, npc, 0, false] as const)
    fc.assert(property, { numRuns: 200, seed: 6, examples: [at0!, at4G!].map((example) => [...example]) })
  })
})
