import { flush_tlb_page, host, MM_STRUCT, mk_pte, pte_page, ptep_get_and_clear, set_pte_at } from '../../kernel-shim'
import { scenario } from '../scenario'

const CODE = 0x10000n
const STACK = 0x20000n
const STACK_TOP = STACK + 0x2000n
const SAVE = 0x9de3bf40
const EXIT = 0x91d0206d
const NOP = 0x01000000

/**
 * The spill handler stores a window through the user's context with PSTATE.IE = 0: a cross call is accepted and waits until it
 * is done. By contract that is legal; strictly judged it is not.
 */
export const spill = scenario({
  name: 'spill',
  summary: 'A user thread on CPU 1 spills a register window to its stack; CPU 0 moves the stack page to another frame',
  setup(s) {
    const mm = s.mm()
    s.map(mm, CODE, { exec: true }, [SAVE, EXIT, NOP])
    s.map(mm, STACK)
    s.kernel.machine.poke(Number(mm + MM_STRUCT.mm_users), 8, 2n)
    s.runs(1, s.userThread('thread', mm, { pc: CODE, stack: STACK_TOP, windows: 0 }))
    return { mm }
  },
  cpu: [
    function* ({ mm }) {
      const old = yield* ptep_get_and_clear(mm, STACK)
      yield* flush_tlb_page(mm, STACK)
      const frame = yield* host('copy to another frame', ({ kernel, machine, cpu }) => {
        const page = kernel.allocator.page(cpu.index)!
        machine.memory.writeBytes(Number(page), machine.memory.readBytes(Number(pte_page(old)), 8192))
        return page
      })
      yield* set_pte_at(mm, STACK, mk_pte(frame, { write: true }))
    },
    undefined,
  ],
})
