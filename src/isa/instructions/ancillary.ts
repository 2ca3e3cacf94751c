import { type Instruction, insn } from '../instruction'
import type { Execute } from '../semantics'
import { binary } from './conditions'

/** Registers without a helper of their own: number, name, and which of rd and wr exist (V9 A.44, A.63; UltraSPARC-I 5.4.5). */
const REGISTERS: readonly (readonly [number: number, name: string, access: 'rd' | 'wr' | 'rd wr'])[] = [
  [3, 'asi', 'rd wr'],
  [4, 'tick', 'rd'],
  [6, 'fprs', 'rd wr'],
  [16, 'pcr', 'rd wr'],
  [17, 'pic', 'rd wr'],
  [18, 'dcr', 'rd wr'],
  [20, 'set_softint', 'wr'],
  [21, 'clear_softint', 'wr'],
  [22, 'softint', 'rd wr'],
  [23, 'tick_cmpr', 'rd wr'],
  [24, 'stick', 'rd wr'],
  [25, 'stick_cmpr', 'rd wr'],
]

/** Numbers without a register on these CPUs; 15 is membar, stbar and sir. */
export const RESERVED_READS = [1, 7, 8, 9, 10, 11, 12, 13, 14, 20, 21, 26, 27, 28, 29, 30, 31]
export const RESERVED_WRITES = [1, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 26, 27, 28, 29, 30, 31]

export function ancillaryRows(): Instruction[] {
  return [
    ...RESERVED_READS.map((number) => read(number, `asr${number}`, (s) => s.trap('illegal_instruction'))),
    ...RESERVED_WRITES.map((number) => write(number, `asr${number}`, (s) => s.trap('illegal_instruction'))),
    ...REGISTERS.flatMap(([number, name, access]) => [
      ...(access.includes('rd') ? [read(number, name, (s) => s.setRd(s.readAncillary(number)))] : []),
      ...(access.includes('wr')
        ? [write(number, name, (s) => s.writeAncillary(number, s.xor(s.rs1(), s.src2())))]
        : []),
    ]),
    read(0, 'y', (s) => s.setRd(s.y())),
    write(0, 'y', (s) => s.setY(s.xor(s.rs1(), s.src2()))),
    read(2, 'ccr', (s) => s.setRd(s.ccr())),
    write(2, 'ccr', (s) => s.setCcr(s.xor(s.rs1(), s.src2()))),
    read(5, 'pc', (s) => s.setRd(s.pc())),
    read(19, 'gsr', (s) => {
      s.requireFloat()
      s.setRd(s.gsr())
    }),
    write(19, 'gsr', (s) => {
      s.requireFloat()
      s.setGsr(s.xor(s.rs1(), s.src2()))
    }),
  ]
}

function read(number: number, name: string, execute: Execute): Instruction {
  return insn('rd', `10 rd 101000 ${binary(number, 5)} 0 -------------`, `%${name}, %rd`, 'V9 A.44', execute)
}

function write(number: number, name: string, execute: Execute): Instruction {
  return insn('wr', `10 ${binary(number, 5)} 110000 rs1 i src2`, `%rs1, src2, %${name}`, 'V9 A.63', execute)
}
