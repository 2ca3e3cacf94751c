import { type Instruction, insn } from '../instruction'
import { binary } from './conditions'
import { pack } from './lanes'
import { edgeMask } from './vis'
import { visPattern } from './vis-pattern'

/** VIS 2, which came with UltraSPARC III: illegal on UltraSPARC I and II. */
export function vis2Rows(): Instruction[] {
  return [
    ...edgesWithoutConditionCodes(),
    insn('bmask', visPattern('rd', 'rs1', 0x19, 'rs2'), '%rs1, %rs2, %rd', 'VIS 2', (s) => {
      s.requireFloat()
      const sum = s.add(s.rs1(), s.rs2())
      s.setGsr(s.or(s.shl(sum, s.constant(32n)), s.zeroExtend(s.gsr(), 32)))
      s.setRd(sum)
    }),
    insn('bshuffle', visPattern('rd', 'rs1', 0x4c, 'rs2'), '%frs1d, %frs2d, %frdd', 'VIS 2', (s) => {
      s.requireFloat()
      const mask = s.gsr()
      const upper = s.frs1('d')
      const lower = s.frs2('d')
      const byteAt = (i: number) => {
        const index = s.zeroExtend(s.shr(mask, s.constant(BigInt(60 - 4 * i))), 4)
        const half = s.select(s.lessUnsigned(index, s.constant(8n)), upper, lower)
        return s.shr(half, s.shl(s.sub(s.constant(7n), s.and(index, s.constant(7n))), s.constant(3n)))
      }
      s.setFrd('d', pack(s, 8, 8, byteAt))
    }),
    ...intervalModes(),
  ]
}

function edgesWithoutConditionCodes(): Instruction[] {
  const shapes = [
    ['edge8n', 0x01, 0, false],
    ['edge8ln', 0x03, 0, true],
    ['edge16n', 0x05, 1, false],
    ['edge16ln', 0x07, 1, true],
    ['edge32n', 0x09, 2, false],
    ['edge32ln', 0x0b, 2, true],
  ] as const
  return shapes.map(([name, opf, log, littleEndian]) =>
    insn(name, visPattern('rd', 'rs1', opf, 'rs2'), '%rs1, %rs2, %rd', 'VIS 2', (s) =>
      s.setRd(edgeMask(s, log, littleEndian)),
    ),
  )
}

/** siam sets GSR.IM and GSR.IRND, bits 27:25, to its mode. */
function intervalModes(): Instruction[] {
  return [0, 1, 2, 3, 4, 5, 6, 7].map((mode) =>
    insn('siam', visPattern('00000', '-----', 0x81, `-- ${binary(mode, 3)}`), `${mode}`, 'VIS 2', (s) => {
      s.requireFloat()
      s.setGsr(s.or(s.and(s.gsr(), s.constant(~(7n << 25n))), s.constant(BigInt(mode) << 25n)))
    }),
  )
}
