import { type Instruction, insn } from '../instruction'
import type { Execute, Semantics } from '../semantics'

export function atomicRows(): Instruction[] {
  return [
    insn('ldstub', '11 rd 001101 rs1 i src2', '[address], %rd', 'V9 A.29', (s) =>
      loadAndSet(s, s.translate(address(s), 1, 'atomic')),
    ),
    ...alternate('ldstuba', '011101', 'V9 A.30', (s) => loadAndSet(s, s.translateAlternate(address(s), 1, 'atomic'))),
    insn('swap', '11 rd 001111 rs1 i src2', '[address], %rd', 'V9 A.57', (s) =>
      swap(s, s.translate(address(s), 4, 'atomic')),
    ),
    ...alternate('swapa', '011111', 'V9 A.58', (s) => swap(s, s.translateAlternate(address(s), 4, 'atomic'))),
    ...compareAndSwap('casa', '111100', (s) => {
      const pointer = s.translateAlternate(s.rs1(), 4, 'atomic')
      s.setRd(s.compareAndSwap(pointer, 4, s.zeroExtend(s.rs2(), 32), s.rd()))
    }),
    ...compareAndSwap('casxa', '111110', (s) => {
      const pointer = s.translateAlternate(s.rs1(), 8, 'atomic')
      s.setRd(s.compareAndSwap(pointer, 8, s.rs2(), s.rd()))
    }),
  ]
}

function alternate(name: string, op3: string, section: string, execute: Execute): Instruction[] {
  return [
    insn(name, `11 rd ${op3} rs1 0 imm_asi rs2`, '[address_register] imm_asi, %rd', section, execute),
    insn(name, `11 rd ${op3} rs1 1 simm13`, '[address_immediate] %asi, %rd', section, execute),
  ]
}

function compareAndSwap(name: string, op3: string, execute: Execute): Instruction[] {
  return [
    insn(name, `11 rd ${op3} rs1 0 imm_asi rs2`, '[%rs1] imm_asi, %rs2, %rd', 'V9 A.9', execute),
    insn(name, `11 rd ${op3} rs1 1 -------- rs2`, '[%rs1] %asi, %rs2, %rd', 'V9 A.9', execute),
  ]
}

function address<V, B, P>(s: Semantics<V, B, P>): V {
  return s.add(s.rs1(), s.src2())
}

function loadAndSet<V, B, P>(s: Semantics<V, B, P>, pointer: P): void {
  const old = s.read(pointer, 1)
  s.write(pointer, 1, s.constant(0xffn))
  s.setRd(old)
}

function swap<V, B, P>(s: Semantics<V, B, P>, pointer: P): void {
  const old = s.read(pointer, 4)
  s.write(pointer, 4, s.rd())
  s.setRd(old)
}
