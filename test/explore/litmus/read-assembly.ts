import type { Access, Instruction, Program } from './axioms'

/** Addresses that the tests give variables: any that do not overlap. */
export const ADDRESSES: Readonly<Record<string, number>> = { x: 0x100, y: 0x140, z: 0x180, w: 0x1c0 }

const SIZES: Readonly<Record<string, 1 | 2 | 4 | 8>> = {
  stb: 1,
  sth: 2,
  stw: 4,
  stx: 8,
  ldub: 1,
  lduh: 2,
  lduw: 4,
  ldx: 8,
}

/** Reads the assembly of a catalogue's tests into what the axioms know. Values are constants that `mov` and `set` gave. */
export function readProgram(threads: readonly string[]): Program {
  return threads.map(readThread)
}

function readThread(source: string): Instruction[] {
  const constants = new Map<string, number>([['%g0', 0]])
  const instructions: Instruction[] = []
  for (const line of source.split(/[;\n]/)) {
    const [, name, operands = ''] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? []
    if (name === undefined) continue
    const instruction = readInstruction(name, operands, constants)
    if (instruction !== undefined) instructions.push(instruction)
  }
  return instructions
}

function readInstruction(name: string, text: string, constants: Map<string, number>): Instruction | undefined {
  const operands = text.split(',').map((operand) => operand.trim())
  const constant = (operand: string) => {
    const value = constants.get(operand)
    if (value === undefined) throw new Error(`${operand} holds no constant`)
    return BigInt(value)
  }
  const address = (operand: string): number => {
    const inside = /^\[(.*)\]$/.exec(operand)?.[1]
    if (inside === undefined) throw new Error(`no address: ${operand}`)
    if (constants.has(inside)) return constants.get(inside)!
    const [base, offset = '0'] = inside.split('+').map((part) => part.trim())
    return ADDRESSES[base!]! + Number(offset)
  }
  const [first, second, third] = operands as [string, string, string]
  switch (name) {
    case 'mov':
      constants.set(second, Number(first))
      return undefined
    case 'set':
      constants.set(second, ADDRESSES[first]!)
      return undefined
    case 'membar':
      return { kind: 'membar', storeLoad: /#(StoreLoad|Sync|MemIssue|Lookaside)/.test(text) }
    case 'stbar':
      return { kind: 'membar', storeLoad: false }
    case 'flush':
      return { kind: 'membar', storeLoad: true }
    case 'swap':
      return { kind: 'swap', address: address(first), size: 4, value: constant(second), register: second }
    case 'ldstub':
      return { kind: 'ldstub', address: address(first), size: 1, ...result(second) }
    case 'cas':
      return {
        kind: 'cas',
        address: address(first),
        size: 4,
        expected: constant(second),
        value: constant(third),
        ...result(third),
      }
  }
  const size = SIZES[name]
  if (size === undefined) throw new Error(`no instruction of litmus tests: ${name}`)
  if (name.startsWith('st')) return { kind: 'store', address: address(second), size, value: constant(first) }
  return { kind: 'load', address: address(first), size, ...result(second) }
}

function result(register: string): Pick<Access, 'register'> {
  return register === '%g0' ? {} : { register }
}
