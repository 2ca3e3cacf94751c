import { describe, expect, it } from 'vitest'
import type { ReferenceCpu } from '../../src/engine/reference-cpu'
import { decodeSfsr } from '../../src/mmu'
import { bareMachine } from './bare-machine'
import { PAGE, page, TTE } from './trap-pairs'
import { trapped } from './trapped'

const RAM = 0x30_0000n
const LITTLE = 0x0807_0605_0403_0201n
const BIG = 0x0102_0304_0506_0708n

type Access = 'load' | 'store' | 'atomic'
const SOURCES: Readonly<Record<Access, (asi: number) => string>> = {
  load: (asi) => `ldxa [%o0] ${asi}, %o2`,
  store: (asi) => `stxa %g0, [%o0] ${asi}`,
  atomic: (asi) => `casxa [%o0] ${asi}, %g0, %o2`,
}

function record(cpu: ReferenceCpu) {
  return { ...decodeSfsr(cpu.mmu.loadAsi(0x58, 0x18n)), sfar: cpu.mmu.loadAsi(0x58, 0x20n) }
}

describe('an access that a host makes for a CPU', () => {
  const cases: readonly { what: string; address: bigint; asi: number; tte?: Parameters<typeof page>[1] }[] = [
    { what: 'is misaligned', address: RAM + 4n, asi: 0x80 },
    { what: 'is misaligned, through no ASI', address: RAM + 1n, asi: 0x05 },
    { what: 'misses', address: 0x7000_0000n, asi: 0x81 },
    { what: 'is through no ASI', address: RAM, asi: 0x05 },
    { what: 'is of a page of others', address: PAGE, asi: 0x10, tte: { and: TTE.P } },
    { what: 'is of a page with side effects', address: PAGE, asi: 0x82, tte: { and: TTE.E } },
    { what: 'is of a page for non-faulting loads', address: PAGE, asi: 0x80, tte: { and: TTE.NFO } },
    { what: 'is where nothing is', address: 0x7000_0000n, asi: 0x14 },
    { what: 'is of no register', address: 0x28n, asi: 0x4a },
    { what: 'is misaligned, of a register', address: 4n, asi: 0x58 },
  ]
  it.each(cases)('$what: it traps as an instruction does', ({ address, asi, tte }) => {
    for (const [access, source] of Object.entries(SOURCES) as [Access, (asi: number) => string][]) {
      const prepare = (cpu: ReferenceCpu) => {
        if (tte) page(cpu, tte)
        cpu.setR(8, address)
      }
      const byInstruction = trapped(source(asi), { prepare })
      const { machine } = bareMachine('nop')
      const cpu = machine.cpus[0]!
      prepare(cpu)
      expect([access, cpu.tryTranslate(address, 8, access, asi)]).toEqual([access, undefined])
      expect([access, cpu.trapType]).toEqual([access, byInstruction.event.type])
      expect(record(cpu)).toEqual(record(byInstruction.cpu))
    }
  })

  it.each([
    [0x80, BIG],
    [0x88, LITTLE],
    [0x14, BIG],
    [0x1c, LITTLE],
  ])('reaches memory through ASI 0x%s in its order of bytes', (asi, value) => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    machine.poke(Number(RAM), 8, BIG)
    const pointer = cpu.tryTranslate(RAM, 8, 'load', asi)!
    expect(cpu.read(pointer, 8)).toBe(value)
    cpu.write(cpu.tryTranslate(RAM, 8, 'store', asi)!, 8, value ^ 1n)
    expect(machine.peek(Number(RAM), 8)).toBe(value === BIG ? BIG ^ 1n : BIG ^ (1n << 56n))
  })

  it('reaches registers, but not by an atomic', () => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    cpu.write(cpu.tryTranslate(8n, 8, 'store', 0x58)!, 8, 0x123n)
    expect(cpu.read(cpu.tryTranslate(8n, 8, 'load', 0x58)!, 8)).toBe(0x123n)
    expect([cpu.tryTranslate(8n, 8, 'atomic', 0x58), cpu.trapType]).toEqual([undefined, 0x30])
  })

  it('is cut to 32 bits with PSTATE.AM', () => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    cpu.set('pstate', 0xcn)
    cpu.modeChanged()
    machine.poke(Number(RAM), 8, BIG)
    expect(cpu.read(cpu.tryTranslate((5n << 32n) | RAM, 8, 'load', 0x80)!, 8)).toBe(BIG)
  })

  it('stops before watched memory: that is no trap', () => {
    const { machine } = bareMachine('nop')
    machine.addWatchpoint({ space: 'virtual', address: RAM, access: 'load' })
    expect(() => machine.cpus[0]!.tryTranslate(RAM, 8, 'load', 0x80)).toThrow()
  })
})
