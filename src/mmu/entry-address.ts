import { ASI } from '../asi'
import type { MmuModel } from './model'
import type { MmuSide } from './registers'

const ENTRY_SHIFT = 3n

/**
 * The virtual address at which Data Access and Tag Read have an entry (UltraSPARC-I 6.9.9).
 * @param index among all entries of the TLB
 * @throws RangeError if the model's TLB has no such entry
 */
export function entryAddress(model: MmuModel, side: MmuSide, index: number): bigint {
  const { arrays } = side === 'data' ? model.dataTlb : model.instructionTlb
  const asi = side === 'data' ? ASI.ASI_DTLB_DATA_ACCESS_REG : ASI.ASI_ITLB_DATA_ACCESS_REG
  const rows = model.registers.filter((row) => row.asi === asi)
  let first = 0
  for (const [array, { entries }] of arrays.entries()) {
    if (index >= first && index < first + entries) return rows[array]!.va | (BigInt(index - first) << ENTRY_SHIFT)
    first += entries
  }
  throw new RangeError(`TLB entry ${index}: expected 0 to ${first - 1}`)
}
