import type { Instruction } from '../instruction'
import { ancillaryRows } from './ancillary'
import { atomicRows } from './atomic'
import { branchRows } from './branch'
import { conditionalMoveRows } from './conditional-move'
import { floatRows } from './float'
import { integerRows } from './integer'
import { loadStoreRows } from './load-store'
import { multiplyDivideRows } from './multiply-divide'
import { privilegedRows } from './privileged'
import { shiftRows } from './shift'
import { synchronizationRows } from './synchronization'
import { visRows } from './vis'
import { windowRows } from './window'

/** All instructions, with closures of their own: an engine that keeps its rows to itself keeps them monomorphic. */
export function makeRows(): readonly Instruction[] {
  return [
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
    ...visRows(),
  ]
}
