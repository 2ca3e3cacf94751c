import { type Instruction, insn } from '../instruction'
import type { Execute, Semantics } from '../semantics'

export function loadStoreRows(): Instruction[] {
  return [...loads(), ...alternateLoads(), ...stores(), ...alternateStores()]
}

function load(name: string, op3: string, execute: Execute): Instruction {
  return insn(name, `11 rd ${op3} rs1 i src2`, '[address], %rd', 'V9 A.27', execute)
}

function store(name: string, op3: string, execute: Execute): Instruction {
  return insn(name, `11 rd ${op3} rs1 i src2`, '%rd, [address]', 'V9 A.54', execute)
}

function alternateLoad(name: string, op3: string, execute: Execute): Instruction[] {
  return [
    insn(name, `11 rd ${op3} rs1 0 imm_asi rs2`, '[address_register] imm_asi, %rd', 'V9 A.28', execute),
    insn(name, `11 rd ${op3} rs1 1 simm13`, '[address_immediate] %asi, %rd', 'V9 A.28', execute),
  ]
}

function alternateStore(name: string, op3: string, execute: Execute): Instruction[] {
  return [
    insn(name, `11 rd ${op3} rs1 0 imm_asi rs2`, '%rd, [address_register] imm_asi', 'V9 A.55', execute),
    insn(name, `11 rd ${op3} rs1 1 simm13`, '%rd, [address_immediate] %asi', 'V9 A.55', execute),
  ]
}

function address<V, B, P>(s: Semantics<V, B, P>): V {
  return s.add(s.rs1(), s.src2())
}

function loads(): Instruction[] {
  return [
    load('ldub', '000001', (s) => s.setRd(s.read(s.translate(address(s), 1, 'load'), 1))),
    load('lduh', '000010', (s) => s.setRd(s.read(s.translate(address(s), 2, 'load'), 2))),
    load('lduw', '000000', (s) => s.setRd(s.read(s.translate(address(s), 4, 'load'), 4))),
    load('ldx', '001011', (s) => s.setRd(s.read(s.translate(address(s), 8, 'load'), 8))),
    load('ldsb', '001001', (s) => s.setRd(s.signExtend(s.read(s.translate(address(s), 1, 'load'), 1), 8))),
    load('ldsh', '001010', (s) => s.setRd(s.signExtend(s.read(s.translate(address(s), 2, 'load'), 2), 16))),
    load('ldsw', '001000', (s) => s.setRd(s.signExtend(s.read(s.translate(address(s), 4, 'load'), 4), 32))),
    load('ldd', '000011', (s) => {
      s.requireEvenRd()
      const pointer = s.translate(address(s), 8, 'load')
      const even = s.read(pointer, 4, 0)
      const odd = s.read(pointer, 4, 4)
      s.setRdPair(even, odd)
    }),
  ]
}

function alternateLoads(): Instruction[] {
  return [
    ...alternateLoad('lduba', '010001', (s) => s.setRd(s.read(s.translateAlternate(address(s), 1, 'load'), 1))),
    ...alternateLoad('lduha', '010010', (s) => s.setRd(s.read(s.translateAlternate(address(s), 2, 'load'), 2))),
    ...alternateLoad('lduwa', '010000', (s) => s.setRd(s.read(s.translateAlternate(address(s), 4, 'load'), 4))),
    ...alternateLoad('ldxa', '011011', (s) => s.setRd(s.read(s.translateAlternate(address(s), 8, 'load'), 8))),
    ...alternateLoad('ldsba', '011001', (s) =>
      s.setRd(s.signExtend(s.read(s.translateAlternate(address(s), 1, 'load'), 1), 8)),
    ),
    ...alternateLoad('ldsha', '011010', (s) =>
      s.setRd(s.signExtend(s.read(s.translateAlternate(address(s), 2, 'load'), 2), 16)),
    ),
    ...alternateLoad('ldswa', '011000', (s) =>
      s.setRd(s.signExtend(s.read(s.translateAlternate(address(s), 4, 'load'), 4), 32)),
    ),
    ...alternateLoad('ldda', '010011', (s) => {
      s.requireEvenRd()
      s.loadTwinAlternate(address(s))
    }),
  ]
}

function stores(): Instruction[] {
  return [
    store('stb', '000101', (s) => s.write(s.translate(address(s), 1, 'store'), 1, s.rd())),
    store('sth', '000110', (s) => s.write(s.translate(address(s), 2, 'store'), 2, s.rd())),
    store('stw', '000100', (s) => s.write(s.translate(address(s), 4, 'store'), 4, s.rd())),
    store('stx', '001110', (s) => s.write(s.translate(address(s), 8, 'store'), 8, s.rd())),
    store('std', '000111', (s) => {
      s.requireEvenRd()
      const pointer = s.translate(address(s), 8, 'store')
      const [even, odd] = s.rdPair()
      s.write(pointer, 4, even, 0)
      s.write(pointer, 4, odd, 4)
    }),
  ]
}

function alternateStores(): Instruction[] {
  return [
    ...alternateStore('stba', '010101', (s) => s.write(s.translateAlternate(address(s), 1, 'store'), 1, s.rd())),
    ...alternateStore('stha', '010110', (s) => s.write(s.translateAlternate(address(s), 2, 'store'), 2, s.rd())),
    ...alternateStore('stwa', '010100', (s) => s.write(s.translateAlternate(address(s), 4, 'store'), 4, s.rd())),
    ...alternateStore('stxa', '011110', (s) => s.write(s.translateAlternate(address(s), 8, 'store'), 8, s.rd())),
    ...alternateStore('stda', '010111', (s) => {
      s.requireEvenRd()
      s.storeTwinAlternate(address(s))
    }),
  ]
}
