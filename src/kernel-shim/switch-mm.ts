import { ASI } from '../asi'
import { GLOBALS_MMU } from '../state/layout'
import { ctx_valid, get_new_mmu_context } from './context'
import { cpumask_set_cpu, cpumask_test_cpu, mm_cpumask } from './cpumask'
import { shim } from './frame'
import { load, note, smp_processor_id, step, storePrivate } from './operation'
import { spin_lock, spin_unlock } from './spinlock'
import { CTX_HWBITS, CTX_PGSZ_NUC_MASK, KERNBASE, MM_STRUCT, PER_CPU } from './structures'
import { __flush_tlb_mm } from './tlb-local'
import { peekWord } from './words'

const PRIMARY_CONTEXT = 0x08n
const SECONDARY_CONTEXT = 0x10n
const TSB_REGISTER = 0x28n

/**
 * Makes this CPU use an address space: context registers, TSB and page directory. Called with interrupts off by PIL.
 *
 * Invariant: a CPU that is not in the mask may hold stale entries of the context. So it sets its bit first, that every later
 * flush reaches it, and then flushes the context locally (Linux arch/sparc/include/asm/mmu_context_64.h switch_mm).
 */
export const switch_mm = shim('switch_mm', function* (mm: bigint) {
  const cpu = yield* smp_processor_id()
  const secondary = yield* note(
    'per_cpu_secondary_mm',
    ({ kernel }) => kernel.perCpu(cpu) + PER_CPU.per_cpu_secondary_mm,
  )
  yield* storePrivate(secondary, mm)
  if (yield* note('is init_mm', ({ kernel }) => kernel.init_mm === mm)) return
  yield* spin_lock(mm + MM_STRUCT.context_lock)
  let context = yield* load(mm + MM_STRUCT.context)
  const valid = yield* note('CTX_VALID', ({ kernel }) => ctx_valid(kernel, context))
  if (!valid) context = yield* get_new_mmu_context(mm)
  yield* load_mm_context(mm, CTX_HWBITS(context))
  if (!valid || !cpumask_test_cpu(cpu, yield* mm_cpumask(mm, 'switch_mm'))) {
    yield* cpumask_set_cpu(cpu, mm, 'switch_mm')
    yield* __flush_tlb_mm(CTX_HWBITS(context))
  }
  yield* spin_unlock(mm + MM_STRUCT.context_lock)
})

/** load_secondary_context and tsb_context_switch: registers of this CPU only. The user's context is the primary one as well. */
const load_mm_context = (mm: bigint, context: bigint) =>
  step('load context and TSB registers', true, ({ kernel, memory, cpu }) => {
    const { mmu } = cpu
    const tsb = KERNBASE + peekWord(memory, mm + MM_STRUCT.tsb)
    const nucleusSizes = mmu.loadAsi(ASI.ASI_DMMU, PRIMARY_CONTEXT) & CTX_PGSZ_NUC_MASK
    mmu.storeAsi(ASI.ASI_DMMU, PRIMARY_CONTEXT, nucleusSizes | context)
    mmu.storeAsi(ASI.ASI_DMMU, SECONDARY_CONTEXT, context)
    mmu.storeAsi(ASI.ASI_DMMU, TSB_REGISTER, tsb)
    mmu.storeAsi(ASI.ASI_IMMU, TSB_REGISTER, tsb)
    const PGD_REGISTER = 7
    const pgd = peekWord(memory, mm + MM_STRUCT.pgd)
    cpu.set('globals', pgd, GLOBALS_MMU * 8 + PGD_REGISTER)
    cpu.modeChanged()
    kernel.events.running?.(cpu.index, mm, 'switch_mm')
  })

/** Keeps the old address space's registers: a kernel thread does not use user addresses (Linux enter_lazy_tlb). */
export const enter_lazy_tlb = (_mm: bigint) => note('enter_lazy_tlb', () => undefined)
