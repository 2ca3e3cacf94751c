import type { AsiDevice } from '../engine/engine'
import type { Machine } from '../smp/machine'

/** Whoever has the registers of an ASI. @throws RangeError if nobody has */
export function asiDevice(machine: Machine, asi: number): AsiDevice {
  const device = machine.environment.asiDevices.find((d) => d.handles(asi))
  if (device === undefined) throw new RangeError(`ASI 0x${asi.toString(16)} has no registers`)
  return device
}
