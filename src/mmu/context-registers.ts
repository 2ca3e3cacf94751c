import type { RegisterPorts } from './registers'
import type { ContextKind } from './translation'

/** In context registers and the tag access extension: page-size codes of two set-associative arrays, 3 bits each. */
export const PAGE_SIZE_SHIFT = 16n
const PAGE_SIZE_BITS = 0x3fn
const NUCLEUS_PAGE_SIZE_0 = 61n
const NUCLEUS_PAGE_SIZE_1 = 58n
const SIZE_CODE = 7n
const SIZE_WIDTH = 3n
const CONTEXT_BITS = 0x1fffn

/** The number in a context register; nucleus is 0 (UltraSPARC-I 6.9.3). */
export function contextNumber(ports: RegisterPorts, kind: ContextKind): number {
  return kind === 'nucleus' ? 0 : Number(registerOf(ports, kind) & CONTEXT_BITS)
}

/**
 * Size codes of the pages that the set-associative data arrays hold for a context: array 0 in bits 2:0, array 1 in 5:3
 * (Linux arch/sparc/include/asm/mmu_64.h CTX_PGSZ*; illumos usr/src/uts/sun4u/sys/mmu.h).
 */
export function contextPageSizes(ports: RegisterPorts, kind: ContextKind): number {
  const register = registerOf(ports, kind)
  if (kind !== 'nucleus') return pageSizesAt16(register)
  const second = (register >> NUCLEUS_PAGE_SIZE_1) & SIZE_CODE
  return Number(((register >> NUCLEUS_PAGE_SIZE_0) & SIZE_CODE) | (second << SIZE_WIDTH))
}

/** The same codes of a register that has them in bits 21:16. */
export function pageSizesAt16(register: bigint): number {
  return Number((register >> PAGE_SIZE_SHIFT) & PAGE_SIZE_BITS)
}

function registerOf(ports: RegisterPorts, kind: ContextKind): bigint {
  return ports.read(kind === 'secondary' ? 'dmmuSecondaryContext' : 'dmmuPrimaryContext')
}
