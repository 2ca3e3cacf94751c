import { type Instruction, insn } from '../instruction'

export function windowRows(): Instruction[] {
  return [
    insn('save', '10 rd 111100 rs1 i src2', '%rs1, src2, %rd', 'V9 A.46', (s) => {
      const sum = s.add(s.rs1(), s.src2())
      s.saveWindow()
      s.setRd(sum)
    }),
    insn('restore', '10 rd 111101 rs1 i src2', '%rs1, src2, %rd', 'V9 A.46', (s) => {
      const sum = s.add(s.rs1(), s.src2())
      s.restoreWindow()
      s.setRd(sum)
    }),
    insn('flushw', '10 ----- 101011 ----- 0 -------------', '', 'V9 A.21', (s) => s.flushWindows()),
    insn('saved', '10 00000 110001 -------------------', '', 'V9 A.47', (s) => s.saved()),
    insn('restored', '10 00001 110001 -------------------', '', 'V9 A.47', (s) => s.restored()),
  ]
}
