import { ASI, ASIS, FIRST_UNRESTRICTED_ASI } from '../asi'
import { emulateTrapped } from '../engine/emulate'
import { TRAPS } from '../isa/traps'
import { host, loadUser, shim, storeUser } from '../kernel-shim'
import { swapBytes } from '../u64'
import { decodeMemoryInstruction, type MemoryInstruction } from './faulting-instruction'
import { userWord } from './user-page'
import { skipInstruction } from './user-registers'

/** What became of a trap: the instruction is done, it raises another trap, or its words are to be moved. */
type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'trap'; readonly type: number }
  | { readonly kind: 'words'; readonly store: boolean; readonly transfer: Transfer }

/** Doublewords of f registers that are moved word by word. */
type Transfer = {
  readonly address: bigint
  /** The first doubleword of the f registers. */
  readonly register: number
  readonly doubles: number
  readonly little: boolean
  /** Loads zeros where nothing is mapped. */
  readonly noFault: boolean
}

const ILLEGAL_INSTRUCTION = TRAPS.illegal_instruction.tt
const LDQF = 0x22
const STQF = 0x26
const LDQFA = 0x32
const STQFA = 0x36
const IMPLICIT = -1

/** Traps at which {@link emulate_instruction} may do what the instruction asks for. */
export function mayBeEmulated(tt: number): boolean {
  return isFloatMisalignment(tt) || tt === ILLEGAL_INSTRUCTION || tt === TRAPS.fp_exception_other.tt
}

function isFloatMisalignment(tt: number): boolean {
  return tt === TRAPS.LDDF_mem_address_not_aligned.tt || tt === TRAPS.STDF_mem_address_not_aligned.tt
}

/**
 * Instructions that the CPU leaves to the kernel: floating-point operations at fp_exception_other, popc, ldqf and stqf at
 * illegal_instruction, lddf and stdf of addresses that are a multiple of 4 only (Linux arch/sparc/math-emu/math_64.c do_mathemu,
 * arch/sparc/kernel/unaligned_64.c handle_popc, handle_ldf_stq, handle_lddfmna, handle_stdfmna). One that is done is skipped; any
 * other keeps the trap it raised, or gets the one it would raise.
 */
export const emulate_instruction = shim('emulate_instruction', function* (tt: number) {
  const outcome: Outcome = yield* host('emulate', (cx): Outcome => {
    const { cpu } = cx
    const word = userWord(cx, cpu.get('tpc', 0))
    if (word === undefined) return { kind: 'trap', type: tt }
    const memory = decodeMemoryInstruction(cpu, word, 1)
    if (memory !== undefined) return isFloatMisalignment(tt) ? misalignedDouble(memory) : quad(memory, tt)
    const type = emulateTrapped(cpu, word)
    if (type !== 0) return { kind: 'trap', type: type === ILLEGAL_INSTRUCTION ? tt : type }
    skipInstruction(cpu)
    return { kind: 'done' }
  })
  if (outcome.kind === 'done') return 'done'
  if (outcome.kind === 'trap') return { trap: outcome.type }
  const { store, transfer } = outcome
  return store ? yield* store_words(transfer) : yield* load_words(transfer)
})

/** Quads need word alignment only (V9 A.25). */
function quad({ op3, asi, address, rd }: MemoryInstruction, tt: number): Outcome {
  const load = op3 === LDQF || op3 === LDQFA
  const isQuad = load || op3 === STQF || op3 === STQFA
  if (!isQuad || (asi !== IMPLICIT && asi !== ASI.ASI_PRIMARY) || (rd & 2) !== 0) return { kind: 'trap', type: tt }
  if ((address & 3n) !== 0n) return { kind: 'trap', type: TRAPS.mem_address_not_aligned.tt }
  const transfer = { address, register: doubleOf(rd), doubles: 2, little: false, noFault: false }
  return { kind: 'words', store: !load, transfer }
}

/** At its own trap, so that the instruction is one of a double and its address a multiple of 4 (V9 A.25, A.51). */
function misalignedDouble({ op3, asi, address, rd }: MemoryInstruction): Outcome {
  const space = asi === IMPLICIT ? ASI.ASI_PRIMARY : asi
  const what = MEMORY_ASIS.get(space)
  if (what === undefined) return { kind: 'trap', type: TRAPS.data_access_exception.tt }
  const transfer = { address, register: doubleOf(rd), doubles: 1, ...what }
  return { kind: 'words', store: (op3 & STORE) !== 0, transfer }
}

/** Bit 2 of op3 is set for stores. */
const STORE = 4

/** The spaces that a user's load or store of a double may name. */
const MEMORY_ASIS: ReadonlyMap<number, Pick<Transfer, 'little' | 'noFault'>> = new Map(
  ASIS.flatMap(({ number, what }) =>
    number >= FIRST_UNRESTRICTED_ASI && what.kind === 'memory' && what.transfer === undefined
      ? [[number, { little: what.little === true, noFault: what.noFault === true }]]
      : [],
  ),
)

/** The doubleword of the f registers that a double's register number names (V9 5.1.4). */
function doubleOf(rd: number): number {
  return ((rd & 30) >> 1) | ((rd & 1) << 4)
}

const load_words = shim('load_words', function* ({ address, register, doubles, little, noFault }: Transfer) {
  const words: bigint[] = []
  for (let n = 0; n < 2 * doubles; n++) {
    const at = address + BigInt(4 * n)
    const word = yield* loadUser(at, 4)
    if (word === 'EFAULT' && !noFault) return { fault: at }
    if (word === 'EFAULT') {
      words.fill(0n)
      words.push(0n)
    } else words.push(word)
  }
  yield* host('load of f registers', ({ cpu }) => {
    for (let n = 0; n < doubles; n++) {
      const double = (words[2 * n]! << 32n) | words[2 * n + 1]!
      cpu.set('float', little ? swapBytes(double, 8) : double, register + n)
    }
    cpu.set('fprs', cpu.get('fprs') | (register < 16 ? 1n : 2n))
    skipInstruction(cpu)
    return undefined
  })
  return 'done'
})

const store_words = shim('store_words', function* ({ address, register, doubles, little }: Transfer) {
  const values = yield* host('f registers to store', ({ cpu }) =>
    Array.from({ length: doubles }, (_, n) => {
      const double = cpu.get('float', register + n)
      return little ? swapBytes(double, 8) : double
    }),
  )
  for (let n = 0; n < 2 * doubles; n++) {
    const double = values[n >> 1]!
    const word = n % 2 === 0 ? double >> 32n : double & 0xffff_ffffn
    const at = address + BigInt(4 * n)
    if ((yield* storeUser(at, word, 4)) === 'EFAULT') return { fault: at }
  }
  yield* host('store of f registers', ({ cpu }) => {
    skipInstruction(cpu)
    return undefined
  })
  return 'done'
})
