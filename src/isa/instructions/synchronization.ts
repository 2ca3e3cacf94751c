import { type Instruction, insn } from '../instruction'
import { binary } from './conditions'

const STORE_STORE = 0x8
const RESERVED_PREFETCH_FUNCTIONS = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]

export function synchronizationRows(): Instruction[] {
  return [
    insn('membar', '10 00000 101000 01111 1 ------ cmask mmask', 'membar_mask', 'V9 A.32', (s) =>
      s.membar(s.membarField()),
    ),
    insn('stbar', '10 00000 101000 01111 0 -------------', '', 'V9 A.51', (s) => s.membar(STORE_STORE)),
    insn('flush', '10 ----- 111011 rs1 i src2', 'address', 'V9 A.20', (s) => s.flush(s.add(s.rs1(), s.src2()))),
    ...prefetches(),
    ...reservedPrefetches(),
  ]
}

/** Hints: nothing that a program can see happens, and nothing traps. */
function prefetches(): Instruction[] {
  return [
    insn('prefetch', '11 fcn 101101 rs1 i src2', '[address], prefetch_fcn', 'V9 A.42', () => {}),
    insn(
      'prefetcha',
      '11 fcn 111101 rs1 0 imm_asi rs2',
      '[address_register] imm_asi, prefetch_fcn',
      'V9 A.42',
      () => {},
    ),
    insn('prefetcha', '11 fcn 111101 rs1 1 simm13', '[address_immediate] %asi, prefetch_fcn', 'V9 A.42', () => {}),
  ]
}

/** These overlap the general rows and, having more fixed bits, go before them. */
function reservedPrefetches(): Instruction[] {
  return RESERVED_PREFETCH_FUNCTIONS.flatMap((fcn) => {
    const bits = binary(fcn, 5)
    return [
      insn('prefetch', `11 ${bits} 101101 rs1 i src2`, `[address], ${fcn}`, 'V9 A.42', (s) =>
        s.trap('illegal_instruction'),
      ),
      insn('prefetcha', `11 ${bits} 111101 rs1 0 imm_asi rs2`, `[address_register] imm_asi, ${fcn}`, 'V9 A.42', (s) =>
        s.trap('illegal_instruction'),
      ),
      insn('prefetcha', `11 ${bits} 111101 rs1 1 simm13`, `[address_immediate] %asi, ${fcn}`, 'V9 A.42', (s) =>
        s.trap('illegal_instruction'),
      ),
    ]
  })
}
