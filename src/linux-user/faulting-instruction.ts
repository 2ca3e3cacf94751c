import { ASI } from '../asi'
import type { OperationContext } from '../kernel-shim'
import { inIndex, localIndex, outIndex } from './user-registers'

type Cpu = OperationContext['cpu']

/** A load or store of format 3 (V9 6.2): what a fault handler needs of it. */
export interface MemoryInstruction {
  readonly rd: number
  readonly address: bigint
  /** The ASI, or -1 for the implicit one. */
  readonly asi: number
  readonly op3: number
}

const ALTERNATE_SPACE = 0x10
const FIRST_FLOAT_OP3 = 0x20
const NO_FAULT_ASIS: ReadonlySet<number> = new Set<number>([
  ASI.ASI_PRIMARY_NO_FAULT,
  ASI.ASI_SECONDARY_NO_FAULT,
  ASI.ASI_PRIMARY_NO_FAULT_LITTLE,
  ASI.ASI_SECONDARY_NO_FAULT_LITTLE,
])

/** Decodes the instruction that faulted at trap level `level`; undefined if it is no load or store. */
export function decodeMemoryInstruction(cpu: Cpu, word: number, level: number): MemoryInstruction | undefined {
  if (word >>> 30 !== 3) return undefined
  const op3 = (word >>> 19) & 0x3f
  const tstate = cpu.get('tstate', level - 1)
  const window = Number(tstate & 7n)
  const immediate = (word & 0x2000) !== 0
  const base = register(cpu, window, (word >>> 14) & 31)
  const isCas = op3 === 0x3c || op3 === 0x3e
  const second = isCas ? 0n : immediate ? BigInt((word << 19) >> 19) : register(cpu, window, word & 31)
  const alternate = (op3 & ALTERNATE_SPACE) !== 0
  return {
    rd: (word >>> 25) & 31,
    address: BigInt.asUintN(64, base + second),
    asi: !alternate ? -1 : immediate ? Number((tstate >> 24n) & 0xffn) : (word >>> 5) & 0xff,
    op3,
  }
}

/** Bit 2 of op3 is set for stores and atomics among the integer and float loads and stores. */
export function isNoFaultLoad({ asi, op3 }: MemoryInstruction): boolean {
  return NO_FAULT_ASIS.has(asi) && (op3 & 4) === 0
}

/** What a no-fault load of an unmapped page gives (Linux arch/sparc/kernel/unaligned_64.c handle_ld_nf). */
export function loadZero(cpu: Cpu, { rd, op3 }: MemoryInstruction, level: number): void {
  const window = Number(cpu.get('tstate', level - 1) & 7n)
  if (op3 < FIRST_FLOAT_OP3 + ALTERNATE_SPACE) {
    setRegister(cpu, window, rd, 0n)
    const LDDA = 0x13
    if (op3 === LDDA) setRegister(cpu, window, rd | 1, 0n)
    return
  }
  const LDFA = 0x30
  if (op3 === LDFA) {
    const pair = cpu.get('float', rd >> 1)
    cpu.set('float', rd & 1 ? pair & ~0xffffffffn : pair & 0xffffffffn, rd >> 1)
    return
  }
  const LDQFA = 0x32
  const first = ((rd & 1) << 4) | (rd >> 1)
  for (let n = 0; n < (op3 === LDQFA ? 2 : 1); n++) cpu.set('float', 0n, first + n)
}

function register(cpu: Cpu, window: number, number: number): bigint {
  if (number === 0) return 0n
  return number < 8 ? cpu.get('globals', number) : cpu.get('windows', windowIndex(window, number))
}

function setRegister(cpu: Cpu, window: number, number: number, value: bigint): void {
  if (number === 0) return
  if (number < 8) cpu.set('globals', value, number)
  else cpu.set('windows', value, windowIndex(window, number))
}

function windowIndex(window: number, number: number): number {
  const n = number & 7
  return number < 16 ? outIndex(window, n) : number < 24 ? localIndex(window, n) : inIndex(window, n)
}
