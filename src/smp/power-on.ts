import type { ReferenceCpu } from '../engine/reference-cpu'
import type { ResetName } from '../engine/reference-traps'
import { CPU_HALTED, PSTATE_PEF, PSTATE_PRIV } from '../engine/registers'
import { type Layout, NWINDOWS } from '../state/layout'

const TIMER_OFF = 1n << 63n

/**
 * A CPU whose registers are all zero, as a machine begins: halted, without a reset trap; privileged, globals normal, FPU enabled,
 * windows clean, timers off (V9 7.5.2).
 */
export function powerOn(cpu: ReferenceCpu, layout: Layout): void {
  cpu.setSmall('status', CPU_HALTED)
  cpu.setSmall('pstate', PSTATE_PEF | PSTATE_PRIV)
  cpu.setSmall('fprs', 4)
  cpu.setSmall('cansave', NWINDOWS - 2)
  cpu.setSmall('cleanwin', NWINDOWS - 1)
  timersOff(cpu, layout)
  cpu.modeChanged()
}

/**
 * Takes a reset, at a machine time. Power-on and externally-initiated resets clear TICK and set its NPT (UltraSPARC-I 14.1.7);
 * power-on clears FSR, turns timers off and forgets mondos as well. TLBs stay (UltraSPARC-I 6.7), and stores made before are visible.
 */
export function resetCpu(cpu: ReferenceCpu, layout: Layout, name: ResetName, now: bigint): void {
  cpu.environment.storeBuffers?.all[cpu.index]?.drain()
  cpu.reset(name)
  if (name === 'power_on_reset' || name === 'externally_initiated_reset') {
    cpu.set('tickProtect', 1n)
    cpu.w64[(cpu.base + layout.time.tickOffset) >> 3] = -now
  }
  if (name !== 'power_on_reset') return
  cpu.set('fsr', 0n)
  for (const field of ['softint', 'mondoReceive', 'mondoDispatchStatus', 'mondoCountdown'] as const) cpu.set(field, 0n)
  timersOff(cpu, layout)
}

function timersOff(cpu: ReferenceCpu, layout: Layout): void {
  for (const field of ['tickCompare', 'stickCompare'] as const)
    cpu.w64[(cpu.base + layout.time[field]) >> 3] = TIMER_OFF
}
