import type { ReferenceCpu } from '../engine/reference-cpu'
import { CPU_HALTED, PSTATE_PEF, PSTATE_PRIV } from '../engine/registers'
import { type Layout, NWINDOWS } from '../state/layout'

/** Power-on reset: privileged, globals normal, FPU enabled, windows clean, timers off (V9 7.5.2). */
export function powerOn(cpu: ReferenceCpu, layout: Layout): void {
  const TIMER_OFF = 1n << 63n
  cpu.mmu.reset()
  cpu.setSmall('status', CPU_HALTED)
  cpu.setSmall('pstate', PSTATE_PEF | PSTATE_PRIV)
  cpu.setSmall('fprs', 4)
  cpu.setSmall('cansave', NWINDOWS - 2)
  cpu.setSmall('cleanwin', NWINDOWS - 1)
  for (const field of ['tickCompare', 'stickCompare'] as const)
    cpu.w64[(cpu.base + layout.time[field]) >> 3] = TIMER_OFF
  cpu.modeChanged()
}
