import type { AsiDevice } from '../engine/engine'
import type { ReferenceCpu } from '../engine/reference-cpu'
import type { Machine } from '../smp/machine'

interface Context {
  readonly machine: Machine
  readonly cpu: ReferenceCpu
}

/** Loads a register of this CPU as `ldxa` does. @throws RangeError if there is none that can be loaded */
export function loadAsi(cx: Context, asi: number, va: bigint): bigint {
  return asiDevice(cx, asi, va, 'load').load(cx.cpu.index, asi, va)
}

/** Stores into a register of this CPU as `stxa` does. @throws RangeError if there is none that can be stored */
export function storeAsi(cx: Context, asi: number, va: bigint, value: bigint): void {
  asiDevice(cx, asi, va, 'store').store(cx.cpu.index, asi, va, value)
}

function asiDevice({ machine, cpu }: Context, asi: number, va: bigint, access: 'load' | 'store'): AsiDevice {
  const device = machine.environment.asiDevices.find((d) => d.handles(asi))
  if (device === undefined) throw new RangeError(`ASI 0x${asi.toString(16)} has no registers`)
  const fault = device.refusal(cpu.index, asi, va, access)
  if (fault !== 0)
    throw new RangeError(
      `ASI 0x${asi.toString(16)} refuses VA 0x${va.toString(16)}: fault type 0x${fault.toString(16)}`,
    )
  return device
}
