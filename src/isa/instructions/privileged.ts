import { type Instruction, insn } from '../instruction'
import type { PrivilegedRegister } from '../semantics'
import { binary } from './conditions'

/** By number in rs1 of rdpr and rd of wrpr (V9 A.43). */
export const PRIVILEGED_REGISTERS: readonly PrivilegedRegister[] = [
  'tpc',
  'tnpc',
  'tstate',
  'tt',
  'tick',
  'tba',
  'pstate',
  'tl',
  'pil',
  'cwp',
  'cansave',
  'canrestore',
  'cleanwin',
  'otherwin',
  'wstate',
]
const FQ = 15
const VER = 31

export function privilegedRows(): Instruction[] {
  return [...reads(), ...writes(), ...returnsFromTraps(), gateRow()]
}

function reads(): Instruction[] {
  const readable: [PrivilegedRegister, number][] = [
    ...PRIVILEGED_REGISTERS.map((name, number): [PrivilegedRegister, number] => [name, number]),
    ['fq', FQ],
    ['ver', VER],
  ]
  return readable.map(([name, number]) =>
    insn('rdpr', `10 rd 101010 ${binary(number, 5)} --------------`, `%${name}, %rd`, 'V9 A.43', (s) =>
      s.setRd(s.readPrivileged(name)),
    ),
  )
}

function writes(): Instruction[] {
  return PRIVILEGED_REGISTERS.map((name, number) =>
    insn('wrpr', `10 ${binary(number, 5)} 110010 rs1 i src2`, `%rs1, src2, %${name}`, 'V9 A.62', (s) =>
      s.writePrivileged(name, s.xor(s.rs1(), s.src2())),
    ),
  )
}

function returnsFromTraps(): Instruction[] {
  return [
    insn('done', '10 00000 111110 -------------------', '', 'V9 A.11', (s) => s.done()),
    insn('retry', '10 00001 111110 -------------------', '', 'V9 A.11', (s) => s.retry()),
  ]
}

/**
 * The kernel shim's entry, in the space that V9 leaves to implementations, among words that no CPU gives a meaning: of
 * IMPDEP2's bits 8:5, 3 would be the quad form of fmadd (SPARC64 V 6.3).
 */
export function gateRow(): Instruction {
  return insn('gate', '10 00000 110111 00000 1 0000 0011 gate_entry', 'gate_entry', 'V9 A.23', (s) => {
    s.requirePrivileged()
    s.gate()
  })
}
