import { ASI } from '../asi'
import { emulateTrapped } from '../engine/emulate'
import { host, loadUser, shim, storeUser } from '../kernel-shim'
import { decodeMemoryInstruction } from './faulting-instruction'
import { userWord } from './user-page'
import { skipInstruction } from './user-registers'

/** What became of a trap: the instruction is done, it raises another trap, or its access to an address fails. */
type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'trap'; readonly type: number }
  | { readonly kind: 'quad'; readonly store: boolean; readonly address: bigint; readonly register: number }

const ILLEGAL_INSTRUCTION = 0x10
const MEM_ADDRESS_NOT_ALIGNED = 0x34
const LDQF = 0x22
const STQF = 0x26
const LDQFA = 0x32
const STQFA = 0x36
const IMPLICIT = -1

/**
 * Instructions that the CPU leaves to the kernel: floating-point operations at fp_exception_other, popc, ldqf and stqf at
 * illegal_instruction (Linux arch/sparc/math-emu/math_64.c do_mathemu, arch/sparc/kernel/unaligned_64.c handle_popc,
 * handle_ldf_stq). One that is done is skipped; any other keeps the trap it raised, or gets the one it would raise.
 */
export const emulate_instruction = shim('emulate_instruction', function* (tt: number) {
  const outcome: Outcome = yield* host('emulate', (cx): Outcome => {
    const { cpu } = cx
    const word = userWord(cx, cpu.get('tpc', 0))
    if (word === undefined) return { kind: 'trap', type: tt }
    const memory = decodeMemoryInstruction(cpu, word, 1)
    if (memory !== undefined) {
      const { op3, asi, address, rd } = memory
      const load = op3 === LDQF || op3 === LDQFA
      const register = ((rd & 30) >> 1) | ((rd & 1) << 4)
      const isQuad = load || op3 === STQF || op3 === STQFA
      if (!isQuad || (asi !== IMPLICIT && asi !== ASI.ASI_PRIMARY) || (rd & 2) !== 0) return { kind: 'trap', type: tt }
      if ((address & 3n) !== 0n) return { kind: 'trap', type: MEM_ADDRESS_NOT_ALIGNED }
      return { kind: 'quad', store: !load, address, register }
    }
    const type = emulateTrapped(cpu, word)
    if (type !== 0) return { kind: 'trap', type: type === ILLEGAL_INSTRUCTION ? tt : type }
    skipInstruction(cpu)
    return { kind: 'done' }
  })
  if (outcome.kind === 'done') return 'done'
  if (outcome.kind === 'trap') return { trap: outcome.type }
  const { address, register, store } = outcome
  return store ? yield* store_quad(address, register) : yield* load_quad(address, register)
})

/** Quads need word alignment only (V9 A.25). */
const WORDS = [0n, 4n, 8n, 12n] as const

const load_quad = shim('load_quad', function* (address: bigint, register: number) {
  const words: bigint[] = []
  for (const offset of WORDS) {
    const word = yield* loadUser(address + offset, 4)
    if (word === 'EFAULT') return { fault: address + offset }
    words.push(word)
  }
  yield* host('ldqf', ({ cpu }) => {
    cpu.set('float', (words[0]! << 32n) | words[1]!, register)
    cpu.set('float', (words[2]! << 32n) | words[3]!, register + 1)
    cpu.set('fprs', cpu.get('fprs') | (register < 16 ? 1n : 2n))
    skipInstruction(cpu)
    return undefined
  })
  return 'done'
})

const store_quad = shim('store_quad', function* (address: bigint, register: number) {
  const doubles = yield* host('stqf', ({ cpu }) => [cpu.get('float', register), cpu.get('float', register + 1)])
  for (const [n, offset] of WORDS.entries()) {
    const double = doubles[n >> 1]!
    const word = n % 2 === 0 ? double >> 32n : double & 0xffff_ffffn
    if ((yield* storeUser(address + offset, word, 4)) === 'EFAULT') return { fault: address + offset }
  }
  yield* host('stqf done', ({ cpu }) => {
    skipInstruction(cpu)
    return undefined
  })
  return 'done'
})
