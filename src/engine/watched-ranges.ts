/** Bytes whose accesses stop the machine. */
export interface Watchpoint {
  /** Which addresses are meant: virtual ones of any context, or physical ones. */
  readonly space: 'virtual' | 'physical'
  readonly address: bigint
  /** Bytes, 1 or more. */
  readonly length: bigint
  readonly access: 'load' | 'store' | 'any'
}

/** The access that a machine stopped at. */
export interface WatchedAccess {
  readonly watchpoint: Watchpoint
  readonly access: 'load' | 'store'
  /** Undefined for an operation of the kernel shim on physical memory. */
  readonly va: bigint | undefined
  readonly pa: bigint
  readonly size: number
}

const PAGE = 8192n

/** The watchpoints of a machine. */
export class WatchedRanges {
  /** The access that was found last. */
  last: WatchedAccess | undefined
  private readonly ranges: Watchpoint[] = []

  get active(): boolean {
    return this.ranges.length > 0
  }

  get all(): readonly Watchpoint[] {
    return [...this.ranges]
  }

  add(watchpoint: Watchpoint): void {
    this.ranges.push(watchpoint)
  }

  /** Whether it was there. */
  remove(watchpoint: Watchpoint): boolean {
    const at = this.ranges.indexOf(watchpoint)
    if (at >= 0) this.ranges.splice(at, 1)
    return at >= 0
  }

  /** Whether an access is watched; if so it becomes {@link last}. Without a `va` only physical ranges match. */
  hit(va: bigint | undefined, pa: number, size: number, access: 'load' | 'store' | 'atomic'): boolean {
    const physical = BigInt(pa)
    for (const watchpoint of this.ranges) {
      if (watchpoint.access !== 'any' && access !== 'atomic' && watchpoint.access !== access) continue
      const start = watchpoint.space === 'virtual' ? va : physical
      if (start === undefined || !overlaps(watchpoint, start, BigInt(size))) continue
      const isLoad = access === 'load' || (access === 'atomic' && watchpoint.access === 'load')
      this.last = { watchpoint, access: isLoad ? 'load' : 'store', va, pa: physical, size }
      return true
    }
    return false
  }

  /** Whether any byte of the 8 KB page of an address is watched: it must then stay out of fast tables. */
  touchesPage(va: bigint, pa: number): boolean {
    const physical = BigInt(pa)
    return this.ranges.some((watchpoint) => {
      const address = watchpoint.space === 'virtual' ? va : physical
      return overlaps(watchpoint, address - (address % PAGE), PAGE)
    })
  }
}

function overlaps({ address, length }: Watchpoint, start: bigint, size: bigint): boolean {
  return start < address + length && address < start + size
}
