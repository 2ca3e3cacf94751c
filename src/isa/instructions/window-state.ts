import { type Instruction, insn } from '../instruction'
import type { Semantics } from '../semantics'

const SECTION = 'UltraSPARC Architecture 2005 chapter 7'
const MAXWIN_BITS = 5

/** The window registers set as a whole, in the opcode space of saved and restored. All are privileged. */
export function windowStateRows(): Instruction[] {
  return [
    insn('allclean', '10 00010 110001 -------------------', '', SECTION, (s) => {
      s.requirePrivileged()
      s.setWindowState('cleanwin', lastWindow(s))
    }),
    insn('otherw', '10 00011 110001 -------------------', '', SECTION, (s) => {
      s.requirePrivileged()
      const windows = s.readPrivileged('canrestore')
      s.setWindowState('otherwin', windows)
      s.setWindowState('canrestore', s.constant(0n))
    }),
    insn('normalw', '10 00100 110001 -------------------', '', SECTION, (s) => {
      s.requirePrivileged()
      const windows = s.readPrivileged('otherwin')
      s.setWindowState('canrestore', windows)
      s.setWindowState('otherwin', s.constant(0n))
    }),
    insn('invalw', '10 00101 110001 -------------------', '', SECTION, (s) => {
      s.requirePrivileged()
      const windows = s.sub(lastWindow(s), s.constant(1n))
      s.setWindowState('cansave', windows)
      s.setWindowState('canrestore', s.constant(0n))
      s.setWindowState('otherwin', s.constant(0n))
    }),
  ]
}

/** NWINDOWS - 1, which VER.maxwin holds (V9 5.2.9). */
function lastWindow<V, B, P>(s: Semantics<V, B, P>): V {
  return s.zeroExtend(s.readPrivileged('ver'), MAXWIN_BITS)
}
