import type { Machine } from '../smp/machine'
import type { KernelEvents } from './events'
import { PAGE_SIZE } from './structures'

export interface AllocatorState {
  /** Kernel heap: within the locked kernel page. */
  heapNext: number
  heapEnd: number
  heapFree: Record<string, number[]>
  /** Page frames. */
  pageNext: number
  pageEnd: number
  pageFree: number[]
}

/** What an allocator needs of its kernel. */
interface AllocatorOwner {
  readonly machine: Machine
  readonly events: KernelEvents
  readonly tree: { readonly allocator: AllocatorState }
}

/** No memory left in a pool. */
export class OutOfMemory extends Error {
  override readonly name = 'OutOfMemory'
}

const ALIGNMENT = 64
const PAGE = Number(PAGE_SIZE)

/** Physical memory for the kernel: a heap inside the locked kernel page, and page frames. Deterministic: last freed, first used. */
export class Allocator {
  constructor(private readonly kernel: AllocatorOwner) {}

  static initial(heapStart: number, heapEnd: number, ramBytes: number): AllocatorState {
    return {
      heapNext: Math.ceil(heapStart / ALIGNMENT) * ALIGNMENT,
      heapEnd,
      heapFree: {},
      pageNext: heapEnd,
      pageEnd: ramBytes,
      pageFree: [],
    }
  }

  private get state(): AllocatorState {
    return this.kernel.tree.allocator
  }

  /** Zeroed memory that the firmware can reach by kernel virtual addresses, aligned to `alignment`. @throws OutOfMemory */
  aligned(bytes: number, alignment: number): bigint {
    const { state } = this
    const free = state.heapFree[bytes]
    const reused = free?.findIndex((pa) => pa % alignment === 0) ?? -1
    if (free !== undefined && reused >= 0) return this.zeroed(free.splice(reused, 1)[0]!, bytes)
    const pa = Math.ceil(state.heapNext / alignment) * alignment
    if (pa + bytes > state.heapEnd) throw new OutOfMemory(`kernel heap: no ${bytes} bytes left`)
    state.heapNext = pa + bytes
    return this.zeroed(pa, bytes)
  }

  /** Zeroed kernel memory aligned to 64 bytes, or to a page if it is that large. @throws OutOfMemory */
  heap(bytes: number): bigint {
    return this.aligned(bytes, bytes >= PAGE ? PAGE : ALIGNMENT)
  }

  freeKernel(pa: bigint, bytes: number): void {
    const { heapFree } = this.state
    heapFree[bytes] ??= []
    heapFree[bytes]!.push(Number(pa))
  }

  /** A zeroed 8 KB frame, or undefined. */
  page(cpu = -1): bigint | undefined {
    const { state } = this
    const reused = state.pageFree.pop()
    const pa = reused ?? state.pageNext
    if (reused === undefined) {
      if (pa + PAGE > state.pageEnd) return undefined
      state.pageNext = pa + PAGE
    }
    this.kernel.events.frameAllocated?.(cpu, pa)
    return this.zeroed(pa, PAGE)
  }

  freePage(pa: bigint, cpu = -1): void {
    this.kernel.events.frameFreed?.(cpu, Number(pa))
    this.state.pageFree.push(Number(pa))
  }

  /** Frames not in use. */
  get freePages(): number {
    const { state } = this
    return state.pageFree.length + (state.pageEnd - state.pageNext) / PAGE
  }

  private zeroed(pa: number, bytes: number): bigint {
    this.kernel.machine.memory.clear(pa, bytes)
    return BigInt(pa)
  }
}
