import { type Instruction, insn } from '../instruction'
import type { Execute } from '../semantics'

function shift32(name: string, op3: string, execute: Execute): Instruction {
  return insn(name, `10 rd ${op3} rs1 i 0 src2_shift32`, '%rs1, src2_shift32, %rd', 'V9 A.49', execute)
}

function shift64(name: string, op3: string, execute: Execute): Instruction {
  return insn(name, `10 rd ${op3} rs1 i 1 src2_shift64`, '%rs1, src2_shift64, %rd', 'V9 A.49', execute)
}

export function shiftRows(): Instruction[] {
  return [
    shift32('sll', '100101', (s) => s.setRd(s.shl(s.rs1(), s.shiftCount(32)))),
    shift32('srl', '100110', (s) => s.setRd(s.shr(s.zeroExtend(s.rs1(), 32), s.shiftCount(32)))),
    shift32('sra', '100111', (s) => s.setRd(s.sar(s.signExtend(s.rs1(), 32), s.shiftCount(32)))),
    shift64('sllx', '100101', (s) => s.setRd(s.shl(s.rs1(), s.shiftCount(64)))),
    shift64('srlx', '100110', (s) => s.setRd(s.shr(s.rs1(), s.shiftCount(64)))),
    shift64('srax', '100111', (s) => s.setRd(s.sar(s.rs1(), s.shiftCount(64)))),
  ]
}
