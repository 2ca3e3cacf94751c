import type { Instruction } from '../instruction'
import { INSTRUCTION_SETS, type InstructionSet } from '../instruction-set'
import { ancillaryRows } from './ancillary'
import { atomicRows } from './atomic'
import { branchRows } from './branch'
import { cbcondRows } from './cbcond'
import { conditionalMoveRows } from './conditional-move'
import { floatRows } from './float'
import { fmafRows } from './fmaf'
import { imaRows } from './ima'
import { integerRows } from './integer'
import { loadStoreRows } from './load-store'
import { multiplyDivideRows } from './multiply-divide'
import { pauseRows } from './pause'
import { popcRows } from './popc'
import { privilegedRows } from './privileged'
import { shiftRows } from './shift'
import { synchronizationRows } from './synchronization'
import { visRows } from './vis'
import { vis2Rows } from './vis2'
import { vis3Rows } from './vis3'
import { windowRows } from './window'
import { windowStateRows } from './window-state'

const ROWS_OF_SET: Readonly<Record<InstructionSet, () => Instruction[]>> = {
  popc: popcRows,
  vis1: visRows,
  vis2: vis2Rows,
  vis3: vis3Rows,
  fmaf: fmafRows,
  ima: imaRows,
  cbcond: cbcondRows,
  pause: pauseRows,
  'window-state': windowStateRows,
}

/**
 * The instructions of V9 and those of the sets asked for; all sets if none is named. Each call makes closures of its own: an
 * engine that keeps its rows to itself keeps them monomorphic.
 */
export function makeRows(sets: readonly InstructionSet[] = INSTRUCTION_SETS): readonly Instruction[] {
  const rows = [
    ...integerRows(),
    ...multiplyDivideRows(),
    ...shiftRows(),
    ...conditionalMoveRows(),
    ...branchRows(),
    ...loadStoreRows(),
    ...atomicRows(),
    ...synchronizationRows(),
    ...windowRows(),
    ...privilegedRows(),
    ...ancillaryRows(),
    ...floatRows(),
  ]
  const added = sets.flatMap((set) => ROWS_OF_SET[set]())
  const redefined = new Set(added.map(({ pattern }) => pattern))
  return [...rows.filter(({ pattern }) => !redefined.has(pattern)), ...added]
}
