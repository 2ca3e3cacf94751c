import { LSU_PM_SHIFT, LSU_PR, LSU_PW, LSU_VM_SHIFT, LSU_VR, LSU_VW } from './lsu-control'

const DOUBLEWORD = 8
const PAGE_SHIFT = 13n

/** One data watchpoint: the bytes of a doubleword that `mask` names, bit n for byte n (UltraSPARC-I A.6.4.2). */
interface Watchpoint {
  base: bigint
  mask: number
  onRead: boolean
  onWrite: boolean
}

/** The two data watchpoints as the LSU control register enables them (UltraSPARC-I A.5, A.6.4). Derived state. */
export class Watchpoints {
  private virtual: Watchpoint | undefined
  private physical: Watchpoint | undefined

  constructor(private readonly physicalBits: number) {}

  /** True if either can trap, whatever the address. */
  get armed(): boolean {
    return this.virtual !== undefined || this.physical !== undefined
  }

  update(lsuControl: bigint, virtualAddress: bigint, physicalAddress: bigint): void {
    const watchpoint = (base: bigint, shift: bigint, read: bigint, write: bigint): Watchpoint | undefined => {
      const mask = Number((lsuControl >> shift) & 0xffn)
      const onRead = (lsuControl & read) !== 0n
      const onWrite = (lsuControl & write) !== 0n
      return mask === 0 || !(onRead || onWrite) ? undefined : { base, mask, onRead, onWrite }
    }
    this.virtual = watchpoint(virtualAddress, LSU_VM_SHIFT, LSU_VR, LSU_VW)
    this.physical = watchpoint(BigInt.asUintN(this.physicalBits, physicalAddress), LSU_PM_SHIFT, LSU_PR, LSU_PW)
  }

  hitsVirtual(va: bigint, size: number, read: boolean, write: boolean): boolean {
    return hits(this.virtual, va, size, read, write)
  }

  hitsPhysical(pa: bigint, size: number, read: boolean, write: boolean): boolean {
    return hits(this.physical, pa, size, read, write)
  }

  /** Whether the 8K pages of a virtual and a physical address hold a watched doubleword. */
  touchPage(va: bigint, pa: bigint): boolean {
    return onPage(this.virtual, va) || onPage(this.physical, pa)
  }
}

function hits(
  watchpoint: Watchpoint | undefined,
  address: bigint,
  size: number,
  read: boolean,
  write: boolean,
): boolean {
  if (watchpoint === undefined || !((read && watchpoint.onRead) || (write && watchpoint.onWrite))) return false
  const first = Number(address - watchpoint.base)
  const bytes = bytesBelow(first + size) & ~bytesBelow(first)
  return (watchpoint.mask & bytes) !== 0
}

/** Of the bytes of a doubleword, bit n for byte n, those before byte `end`. */
function bytesBelow(end: number): number {
  return (1 << Math.min(Math.max(end, 0), DOUBLEWORD)) - 1
}

function onPage(watchpoint: Watchpoint | undefined, address: bigint): boolean {
  return watchpoint !== undefined && watchpoint.base >> PAGE_SHIFT === address >> PAGE_SHIFT
}
