import { type Instruction, insn } from '../instruction'
import type { Execute, Semantics } from '../semantics'

/** Loads and stores of f registers and of FSR. */
export function floatLoadStoreRows(): Instruction[] {
  return [...loads(), ...stores(), ...stateLoads(), ...stateStores(), ...alternateLoads(), ...alternateStores()]
}

function loads(): Instruction[] {
  return [
    load('ld', 'rd 100000', '%frds', 'V9 A.25', (s) => {
      s.requireFloat()
      s.setFrd('s', s.read(s.translate(address(s), 4, 'load'), 4))
    }),
    load('ldd', 'rd 100011', '%frdd', 'V9 A.25', (s) => {
      s.requireFloat()
      const at = address(s)
      s.requireFloatAlignment(at, 'load')
      s.setFrd('d', s.read(s.translate(at, 8, 'load'), 8))
    }),
    load('ldq', 'rd 100010', '%frdq', 'V9 A.25', (s) => s.loadQuad(address(s), false)),
  ]
}

function stores(): Instruction[] {
  return [
    store('st', 'rd 100100', '%frds', 'V9 A.52', (s) => {
      s.requireFloat()
      s.write(s.translate(address(s), 4, 'store'), 4, s.frd('s'))
    }),
    store('std', 'rd 100111', '%frdd', 'V9 A.52', (s) => {
      s.requireFloat()
      const at = address(s)
      s.requireFloatAlignment(at, 'store')
      s.write(s.translate(at, 8, 'store'), 8, s.frd('d'))
    }),
    store('stq', 'rd 100110', '%frdq', 'V9 A.52', (s) => s.storeQuad(address(s), false)),
  ]
}

function stateLoads(): Instruction[] {
  return [
    load('ld', '00000 100001', '%fsr', 'V9 A.25', (s) => {
      s.requireFloat()
      s.setFsr(s.read(s.translate(address(s), 4, 'load'), 4), 32)
    }),
    load('ldx', '00001 100001', '%fsr', 'V9 A.25', (s) => {
      s.requireFloat()
      s.setFsr(s.read(s.translate(address(s), 8, 'load'), 8), 64)
    }),
  ]
}

function stateStores(): Instruction[] {
  return [
    store('st', '00000 100101', '%fsr', 'V9 A.52', (s) => {
      s.requireFloat()
      s.write(s.translate(address(s), 4, 'store'), 4, s.fsr())
      s.clearFloatTrapType()
    }),
    store('stx', '00001 100101', '%fsr', 'V9 A.52', (s) => {
      s.requireFloat()
      s.write(s.translate(address(s), 8, 'store'), 8, s.fsr())
      s.clearFloatTrapType()
    }),
  ]
}

function alternateLoads(): Instruction[] {
  return [
    ...alternateLoad('lda', 'rd 110000', '%frds', (s) => {
      s.requireFloat()
      s.setFrd('s', s.read(s.translateAlternate(address(s), 4, 'load'), 4))
    }),
    ...alternateLoad('ldda', 'rd 110011', '%frdd', (s) => s.loadDoubleFloatAlternate(address(s))),
    ...alternateLoad('ldqa', 'rd 110010', '%frdq', (s) => s.loadQuad(address(s), true)),
  ]
}

function alternateStores(): Instruction[] {
  return [
    ...alternateStore('sta', 'rd 110100', '%frds', (s) => {
      s.requireFloat()
      s.write(s.translateAlternate(address(s), 4, 'store'), 4, s.frd('s'))
    }),
    ...alternateStore('stda', 'rd 110111', '%frdd', (s) => s.storeDoubleFloatAlternate(address(s))),
    ...alternateStore('stqa', 'rd 110110', '%frdq', (s) => s.storeQuad(address(s), true)),
  ]
}

function load(name: string, destination: string, register: string, section: string, execute: Execute): Instruction {
  return insn(name, `11 ${destination} rs1 i src2`, `[address], ${register}`, section, execute)
}

function store(name: string, source: string, register: string, section: string, execute: Execute): Instruction {
  return insn(name, `11 ${source} rs1 i src2`, `${register}, [address]`, section, execute)
}

function alternateLoad(name: string, destination: string, register: string, execute: Execute): Instruction[] {
  return [
    insn(name, `11 ${destination} rs1 0 imm_asi rs2`, `[address_register] imm_asi, ${register}`, 'V9 A.26', execute),
    insn(name, `11 ${destination} rs1 1 simm13`, `[address_immediate] %asi, ${register}`, 'V9 A.26', execute),
  ]
}

function alternateStore(name: string, source: string, register: string, execute: Execute): Instruction[] {
  return [
    insn(name, `11 ${source} rs1 0 imm_asi rs2`, `${register}, [address_register] imm_asi`, 'V9 A.53', execute),
    insn(name, `11 ${source} rs1 1 simm13`, `${register}, [address_immediate] %asi`, 'V9 A.53', execute),
  ]
}

function address<V, B, P>(s: Semantics<V, B, P>): V {
  return s.add(s.rs1(), s.src2())
}
