import {
  disassemble,
  INSTRUCTION_SETS,
  type Instruction,
  type InstructionSet,
  makeDecoder,
  makeRows,
  reservedBitsSet,
} from '../../../src/isa'
import { CHEETAH_INSTRUCTIONS } from '../../../src/isa/models'
import type { ChunkReport, Difference } from '../chunk-pool'
import { isOfLaterChip, OBJDUMP_FAULTS } from './objdump-faults'
import { objdumpWords } from './objdump-stream'

const UNKNOWN = 'unknown'

const decode = makeDecoder<Instruction>(makeRows(INSTRUCTION_SETS))
/** popc is of V9 (V9 A.41), though left to software, and objdump takes UltraSPARC Architecture 2005's window state for old. */
const OLD_SETS: readonly InstructionSet[] = [...CHEETAH_INSTRUCTIONS.instructionSets, 'popc', 'window-state']
const decodeOld = makeDecoder<Instruction>(makeRows(OLD_SETS))

/**
 * Compares our text of each word with that of objdump for UltraSPARC-III and, where that knows nothing, with that of objdump
 * for a chip that has all extensions; so a word must be an instruction of UltraSPARC-III for both or for neither. Where
 * objdump overlooks reserved bits, its text must be ours of the word without them.
 *
 * @param address of the first word
 */
export async function compareWithObjdump(words: Uint32Array, address: bigint): Promise<ChunkReport> {
  const differences: Difference[] = []
  const counts: Record<string, number> = {}
  const tell = (word: number, at: bigint, ours: string, theirs: string): void => {
    differences.push({
      text: `${hex(word)} at 0x${at.toString(16)}: '${ours}', objdump '${theirs}'`,
      repeat: `--words ${hex(word)} --address 0x${at.toString(16)}`,
    })
  }
  const extensions: number[] = []
  await objdumpWords(words, address, 'sparc:v9b', (index, theirs) => {
    const word = words[index]!
    const at = address + BigInt(index * 4)
    if (theirs === UNKNOWN) {
      extensions.push(word)
      return
    }
    const ours = disassemble(word, at)
    if (ours === theirs ? !isExtension(word) : isExcused(word, at, theirs, counts)) return
    tell(word, at, ours, theirs)
  })
  const rest = Uint32Array.from(extensions)
  await objdumpWords(rest, address, 'sparc:v9m8', (index, theirs) => {
    const word = rest[index]!
    const at = address + BigInt(index * 4)
    const ours = disassemble(word, at)
    if (ours === theirs ? ours === UNKNOWN || isExtension(word) : isExcused(word, at, theirs, counts)) return
    tell(word, at, ours, theirs)
  })
  return { judged: words.length, counts, differences }
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0')
}

function isExtension(word: number): boolean {
  const row = decode(word)
  return row !== undefined && decodeOld(word)?.pattern !== row.pattern
}

function isExcused(word: number, address: bigint, theirs: string, counts: Record<string, number>): boolean {
  const excuse =
    theirs === withoutReservedBits(word, address) ? 'reserved bits overlooked' : nameOfFault(word, address, theirs)
  if (excuse === undefined) return false
  counts[excuse] = (counts[excuse] ?? 0) + 1
  return true
}

function withoutReservedBits(word: number, address: bigint): string | undefined {
  const row = decode(word)
  const reserved = row === undefined ? 0 : reservedBitsSet(row, word)
  return reserved === 0 ? undefined : disassemble(word & ~reserved, address)
}

function nameOfFault(word: number, address: bigint, theirs: string): string | undefined {
  if (isOfLaterChip(theirs) && decode(word) === undefined) return 'instructions of later chips'
  return OBJDUMP_FAULTS.find(({ predict }) => predict(word, address) === theirs)?.name
}
