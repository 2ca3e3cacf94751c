import { describe, expect, it } from 'vitest'
import { type BareConfig, bareMachine } from './bare-machine'

/** Runs a program on a CPU with total store order until it comes to `end`. */
function run(source: string, config: BareConfig = {}) {
  const bare = bareMachine(
    `${source}\nend: ba end\nnop\n.align 64\nx: .xword 0x1111, 0, 0, 0, 0, 0, 0, 0\ny: .xword 0x2222, 0`,
    {
      memoryModel: 'tso',
      ...config,
    },
  )
  const { machine } = bare
  machine.addBreakpoint(bare.at('end'))
  expect(machine.step(0, 1000)).toBe('breakpoint')
  const word = (label: string, offset = 0) => machine.peek(Number(bare.at(label)) + offset, 8)
  return { ...bare, cpu: machine.cpus[0]!, word, waiting: () => machine.bufferedStores(0) }
}

const STORE = 'set x, %g1; mov 5, %o0; stx %o0, [%g1]'

describe('instructions under total store order', () => {
  it('a store waits: memory, the host and other CPUs do not see it, its own CPU does', () => {
    const { machine, at, cpu, word, waiting } = run(`${STORE}\nldx [%g1], %o1; ldub [%g1 + 7], %o2`)
    expect([cpu.r(9), cpu.r(10)]).toEqual([5n, 5n])
    expect(word('x')).toBe(0x1111n)
    expect(waiting()).toEqual([{ pa: Number(at('x')), bytes: 0xff, value: 5n }])
    expect(machine.drain(0, 9)).toHaveLength(1)
    expect(word('x')).toBe(5n)
  })

  it.each([
    ['membar #StoreLoad', true],
    ['membar #Sync', true],
    ['membar #MemIssue', true],
    ['membar #Lookaside', true],
    ['membar #StoreStore | #LoadLoad | #LoadStore', false],
    ['membar 0', false],
    ['stbar', false],
    ['flush %g1', true],
    ['swap [%g1 + 64], %o1', true],
    ['ldstub [%g1 + 64], %o1', true],
    ['add %g1, 64, %g2; cas [%g2], %g0, %o1', true],
    ['add %g1, 64, %g2; casx [%g2], %g0, %o1', true],
    ['ldx [%g1 + 64], %o1', false],
    ['nop', false],
    ['stxa %g0, [%g0] 0x58', false],
    ['ldxa [%g0] 0x58, %o1', false],
  ])('%s: earlier stores are visible after it: %s (UltraSPARC-I 5.3.2, 5.3.3, 15.2)', (instruction, drains) => {
    const { word } = run(`add %g0, 8, %g3; ${STORE}; ${instruction.replace('[%g0] 0x58', '[%g3] 0x58')}`)
    expect(word('x')).toBe(drains ? 5n : 0x1111n)
  })

  it('an atomic acts on memory, and is visible at once', () => {
    const { cpu, word, waiting } = run(`${STORE}; mov 9, %o1; set x, %g2; casx [%g2], %o0, %o1`)
    expect([cpu.r(9), word('x'), waiting()]).toEqual([5n, 9n, []])
  })

  it.each([
    ['stwa %o0, [%g1 + %g0] 0x14', 'ASI_PHYS_USE_EC'],
    ['stxa %o0, [%g1 + %g0] 0x80', 'primary'],
    ['stxa %o0, [%g1 + %g0] 0x81', 'secondary'],
    ['stxa %o0, [%g1 + %g0] 0x10', 'as if user'],
    ['stxa %o0, [%g1 + %g0] 0x88', 'little-endian'],
    ['stda %o0, [%g1 + %g0] 0x80', 'stda'],
    ['std %o0, [%g1]', 'std'],
    ['std %f0, [%g1]', 'a double'],
    ['st %f0, [%g1]', 'a single'],
    ['stx %fsr, [%g1]', 'FSR'],
    ['stda %f0, [%g1 + %g0] 0xd0', 'a short float'],
    ['mov 0xff, %o3; stda %f0, [%g1 + %o3] 0xc0', 'a partial store'],
  ])('%s waits as one store (%s)', (instruction) => {
    const source = `wr %g0, 4, %fprs; set x, %g1; mov 5, %o0; mov 6, %o1; ${instruction}; ldx [%g1], %o5`
    const { cpu, machine, word, waiting } = run(source)
    expect(waiting()).toHaveLength(1)
    expect(word('x')).toBe(0x1111n)
    const seen = cpu.r(13)
    machine.drain(0)
    expect(word('x')).toBe(BigInt.asUintN(64, seen))
    expect(seen).toBe(BigInt.asIntN(64, word('x')))
  })

  it('a block store is eight of them, and more than a buffer holds push the oldest out', () => {
    const block = 'wr %g0, 4, %fprs; set x, %g1; stda %f0, [%g1 + %g0] 0xf0'
    expect(run(block).waiting()).toHaveLength(8)
    const { waiting, word } = run(block, { storeBufferEntries: 3 })
    expect([waiting().length, word('x')]).toEqual([3, 0n])
  })

  it.each([
    ['ldxa [%g1 + %g0] 0x81, %o1', 5n],
    ['ldxa [%g1 + %g0] 0x88, %o1', 5n << 56n],
    ['lduwa [%g1 + %g0] 0x14, %o1', 0n],
    ['ldda [%g1 + %g0] 0x24, %o2; mov %o2, %o1', 5n],
    ['lduh [%g1 + 6], %o1', 5n],
    ['ldd [%g1], %o2; mov %o3, %o1', 5n],
  ])('%s finds the store that waits', (instruction, value) => {
    const { cpu, waiting } = run(`${STORE}; ${instruction}`)
    expect(BigInt.asUintN(64, cpu.r(9))).toBe(value)
    expect(waiting()).toHaveLength(1)
  })

  it('an access with side effects waits for the stores, and is visible at once (UltraSPARC-I 15.2.1)', () => {
    // ASI_PHYS_BYPASS_EC_WITH_EBIT
    const { word, waiting } = run(`${STORE}; mov 7, %o1; stxa %o1, [%g1 + %g0] 0x15`)
    expect([word('x'), waiting()]).toEqual([7n, []])
    expect(run(`${STORE}; ldxa [%g1 + %g0] 0x15, %o1`).word('x')).toBe(5n)
  })

  it('a trap leaves the stores where they are', () => {
    const bare = bareMachine(`${STORE}; ta 3\n.align 8\nx: .xword 0x1111`, { memoryModel: 'tso' })
    for (let n = 0; n < 10; n++) bare.machine.step(0)
    expect(bare.machine.cpus[0]!.trapLevel).toBe(1)
    expect(bare.machine.bufferedStores(0)).toHaveLength(1)
    expect(bare.machine.peek(Number(bare.at('x')), 8)).toBe(0x1111n)
  })

  it('code that was stored is fetched once it has drained', () => {
    const source = (between: string) => `
      set patched, %g1; set replacement, %g2; lduw [%g2], %g3
      ba,a 1f
      1: call patched; nop
      stw %g3, [%g1]; ${between}
      call patched; nop
      ba end; nop
      patched: retl; nop
      replacement: inc %o5`
    const patched = (between: string) => {
      const { machine, at } = run(source(between).replace('patched: retl; nop', 'patched: nop; retl; nop'))
      return { o5: machine.cpus[0]!.r(13), word: machine.peek(Number(at('patched')), 4) }
    }
    expect(patched('flush %g1').o5).toBe(1n)
    const { o5, word } = patched('nop')
    expect([o5, word]).toEqual([0n, 0x0100_0000n])
  })
})
