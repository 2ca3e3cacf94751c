import type { Arena } from './arena'
import { Hash64 } from './hash'
import { cpuBlock } from './layout'
import { PAGE_BYTES, PAGE_SHIFT, type PhysicalMemory } from './physical-memory'

/** A page of RAM as it was; shared between snapshots, never written. */
interface PageImage {
  readonly words: Int32Array
  /** XOR of these over all pages is the hash of RAM. Zero for a page of zeros. */
  readonly hash: bigint
}

/** Registers, TLBs and RAM of a machine at one moment. Pages are shared with other images of the same machine. */
export interface ArenaImage {
  readonly registers: Int32Array
  readonly pages: readonly PageImage[]
  readonly ramHash: bigint
}

const ZERO_PAGE: PageImage = { words: new Int32Array(PAGE_BYTES / 4), hash: 0n }

/** Takes and restores images, copying only what was written since the last one, at first since the memory was made. */
export class SnapshotStore {
  private current: PageImage[]
  private ramHash = 0n
  private readonly firstPage: number

  /** RAM is still all zero. */
  constructor(
    private readonly arena: Arena,
    private readonly memory: PhysicalMemory,
  ) {
    this.firstPage = memory.ramOffset >>> PAGE_SHIFT
    this.current = new Array<PageImage>(memory.ramBytes >>> PAGE_SHIFT).fill(ZERO_PAGE)
  }

  take(): ArenaImage {
    this.update()
    return { registers: this.registers().slice(), pages: this.current.slice(), ramHash: this.ramHash }
  }

  restore(image: ArenaImage): void {
    this.update()
    this.registers().set(image.registers)
    const { words32 } = this.arena
    image.pages.forEach((wanted, page) => {
      if (wanted === this.current[page]) return
      this.memory.touched(page * PAGE_BYTES, PAGE_BYTES)
      words32.set(wanted.words, ((this.firstPage + page) * PAGE_BYTES) >> 2)
      this.current[page] = wanted
    })
    this.memory.takeDirty()
    this.ramHash = image.ramHash
  }

  /** Hash of RAM and of all CPU blocks; without the time fields if `timeless`. */
  hash(timeless: boolean): Hash64 {
    this.update()
    const { layout, words32 } = this.arena
    const hash = new Hash64()
    hash.word(Number(this.ramHash & 0xffffffffn)).word(Number(this.ramHash >> 32n))
    for (let cpu = 0; cpu < layout.cpus; cpu++) {
      const start = cpuBlock(layout, cpu)
      hash.words(words32, start >> 2, (start + (timeless ? layout.timeless : layout.cpuBlockBytes)) >> 2)
    }
    const clock = layout.clock >> 2
    if (!timeless) hash.words(words32, clock, clock + 2)
    return hash
  }

  private registers(): Int32Array {
    return this.arena.words32.subarray(0, this.memory.ramOffset >> 2)
  }

  private update(): void {
    for (const page of this.memory.takeDirty()) this.refresh(page - this.firstPage)
  }

  private refresh(page: number): void {
    const start = ((this.firstPage + page) * PAGE_BYTES) >> 2
    const words = this.arena.words32.subarray(start, start + PAGE_BYTES / 4)
    const image = words.every((word) => word === 0)
      ? ZERO_PAGE
      : { words: words.slice(), hash: new Hash64(page + 1).words(words).digest() }
    this.ramHash ^= this.current[page]!.hash ^ image.hash
    this.current[page] = image
  }
}
