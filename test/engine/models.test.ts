import { describe, expect, it } from 'vitest'
import { INSTRUCTION_SETS, type InstructionSet, MODELS, type ModelName } from '../../src/isa'
import { Machine } from '../../src/smp'
import { bareMachine } from './bare-machine'
import { runFloat } from './float-runs'
import { trapNameOf, trapped } from './trapped'

const MEMBERS: Record<InstructionSet, readonly string[]> = {
  popc: ['popc %g1, %g2'],
  vis1: ['fpadd16 %f2, %f4, %f8', 'array8 %g1, %g2, %g3'],
  vis2: ['bmask %g1, %g2, %g3', 'edge8n %g1, %g2, %g3', 'siam 5'],
  vis3: ['addxc %g1, %g2, %g3', 'lzcnt %g1, %g2', 'fhaddd %f2, %f4, %f8', 'movdtox %f2, %g1', 'flcmps %fcc1, %f2, %f4'],
  fmaf: ['fmaddd %f2, %f4, %f6, %f8', 'fnmsubs %f0, %f4, %f16, %f0'],
  ima: ['fpmaddx %f2, %f4, %f6, %f8', 'fpmaddxhi %f0, %f1, %f16, %f0'.replace('%f1,', '%f2,')],
  cbcond: ['cwbe %g1, %g2, . + 8', 'cxbne %g1, 3, . + 8'],
  pause: ['pause 5', 'wr %g1, %g2, %asr27'],
  'window-state': ['allclean', 'otherw', 'normalw', 'invalw'],
}

const cases = (Object.keys(MODELS) as ModelName[]).flatMap((model) =>
  INSTRUCTION_SETS.map((set) => [model, set] as const),
)

describe('instructions that a model lacks raise illegal_instruction', () => {
  it.each(cases)('%s, %s', (model, set) => {
    const has = MODELS[model].instructionSets.includes(set)
    for (const instruction of MEMBERS[set]) {
      const source = `set 0xffff, %g4\nwr %g0, 4, %fprs\n${instruction}\nnop\nta 1`
      expect([instruction, trapNameOf(source, { model })]).toEqual([
        instruction,
        has ? 'trap_instruction_0x1' : 'illegal_instruction',
      ])
    }
  })

  it('popc is executed where nothing is left to software', () => {
    const { cpu } = trapped('mov 7, %g1\npopc %g1, %g2\nta 1', { emulation: 'hardware' })
    expect(cpu.get('globals', 2)).toBe(3n)
    expect(() => new Machine({ emulation: 'firmware' as never })).toThrow(
      /emulation: expected 'software' or 'hardware'/,
    )
  })
})

describe('compare and branch has no delay slot', () => {
  const branch = (condition: string) =>
    trapped(`mov 3, %g1\n${condition}\nmov 1, %g2\nta 1\ntarget: ta 2`, { model: 'sparc-t4' })

  it('a taken one goes to its target at once', () => {
    const { cpu, event } = branch('cwbe %g1, 3, target')
    expect([event.name, cpu.get('globals', 2)]).toEqual(['trap_instruction_0x2', 0n])
  })

  it('another goes on', () => {
    const { cpu, event } = branch('cxbg %g1, 3, target')
    expect([event.name, cpu.get('globals', 2)]).toEqual(['trap_instruction_0x1', 1n])
  })

  it('takes negative immediates and branches backwards', () => {
    const source = 'mov -5, %g1\nba start\nnop\nback: ta 3\nstart: cxbe %g1, -5, back\nta 1'
    expect(trapNameOf(source, { model: 'sparc-t4' })).toBe('trap_instruction_0x3')
  })
})

describe('the window state', () => {
  const after = (instruction: string) => {
    const { machine } = bareMachine(`${instruction}\nnop`, { model: 'sparc-t4' })
    const cpu = machine.cpus[0]!
    for (const [n, name] of (['cansave', 'canrestore', 'cleanwin', 'otherwin'] as const).entries())
      cpu.set(name, BigInt(n + 1))
    machine.step(0)
    return (['cansave', 'canrestore', 'cleanwin', 'otherwin'] as const).map((name) => Number(cpu.get(name)))
  }

  it('allclean makes all windows clean, otherw and normalw hand windows over, invalw leaves none to restore', () => {
    expect(after('allclean')).toEqual([1, 2, 7, 4])
    expect(after('otherw')).toEqual([1, 0, 3, 2])
    expect(after('normalw')).toEqual([1, 4, 3, 0])
    expect(after('invalw')).toEqual([6, 0, 3, 0])
  })

  it.each(MEMBERS['window-state'])('%s is privileged', (instruction) => {
    expect(trapNameOf(instruction, { model: 'sparc-t4', unprivileged: true })).toBe('privileged_opcode')
  })
})

describe('quads', () => {
  const ONE = { 4: 0x3fff_0000_0000_0000n, 6: 0n }

  it('are left to software by the chips: unimplemented_FPop, and illegal_instruction for ldq and stq', () => {
    for (const model of Object.keys(MODELS) as ModelName[]) {
      const { trap, ftt } = runFloat('faddq %f4, %f4, %f8', ONE, { model })
      expect([trap, ftt]).toEqual(['fp_exception_other', 3])
      expect(runFloat('ldq [%g1], %f8', {}, { model }).trap).toBe('illegal_instruction')
    }
  })

  it('are executed on pairs of doubles by emulation: hardware', () => {
    const sum = runFloat('faddq %f4, %f4, %f8', ONE, { emulation: 'hardware' })
    expect([sum.trap, sum.double(8), sum.double(10)]).toEqual([undefined, 0x4000_0000_0000_0000n, 0n])
  })

  it('that start at no multiple of 4 raise invalid_fp_register (V9 5.1.4.1)', () => {
    const FADDQ_OF_F6 = '.word 0x91a18866'
    const { trap, ftt } = runFloat(FADDQ_OF_F6, ONE, { emulation: 'hardware' })
    expect([trap, ftt]).toEqual(['fp_exception_other', 6])
  })

  it('are loaded and stored by ldq and stq', () => {
    const source = `wr %g0, 4, %fprs
      set quad, %g1
      ldq [%g1], %f32
      fnegq %f32, %f32
      stq %f32, [%g1]
      ldx [%g1], %g2
      ldx [%g1 + 8], %g3
      ta 1
      .align 16
      quad: .xword 0x3fff000000000001, 0x123456789abcdef0`
    const { cpu } = trapped(source, { emulation: 'hardware' })
    expect([cpu.get('globals', 2), cpu.get('globals', 3)]).toEqual([0xbfff_0000_0000_0001n, 0x1234_5678_9abc_def0n])
    expect(trapNameOf('wr %g0, 4, %fprs\nset 0x1004, %g1\nldq [%g1], %f32', { emulation: 'hardware' })).toMatch(
      /0x38|LDQF/,
    )
  })
})

describe('GSR.IM (siam)', () => {
  it('replaces the rounding direction of FSR where there is VIS 2', () => {
    const third = (gsr: bigint, model: ModelName) =>
      runFloat('fdivd %f2, %f4, %f8', { 2: 0x3ff0_0000_0000_0000n, 4: 0x4008_0000_0000_0000n }, { model, gsr }).double(
        8,
      )
    const toPositive = (4n | 2n) << 25n
    expect(third(toPositive, 'sparc-t4') - third(0n, 'sparc-t4')).toBe(1n)
    expect(third(2n << 25n, 'sparc-t4') - third(0n, 'sparc-t4')).toBe(0n)
    expect(third(toPositive, 'ultrasparc-ii') - third(0n, 'ultrasparc-ii')).toBe(0n)
  })
})
