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
import { vis2Rows } from './vis2'
import { windowRows } from './window'

/** Instructions that not every CPU model has. */
export type Extension = 'vis2'

/**
 * The instructions of UltraSPARC I and II (V9 and VIS 1), and those of the extensions asked for. Each call makes closures
 * of its own: an engine that keeps its rows to itself keeps them monomorphic.
 */
export function makeRows(extensions: readonly Extension[] = []): readonly Instruction[] {
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
    ...(extensions.includes('vis2') ? vis2Rows() : []),
  ]
}
