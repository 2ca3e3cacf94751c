import type { SourcePosition } from './error'
import { AssemblyError } from './error'

interface Block {
  readonly outside: boolean
  taken: boolean
  active: boolean
  sawElse: boolean
  readonly position: SourcePosition
}

/** The nest of `.if` blocks: which statements count. */
export class Conditionals {
  private readonly blocks: Block[] = []

  get active(): boolean {
    return this.blocks.at(-1)?.active ?? true
  }

  get depth(): number {
    return this.blocks.length
  }

  /** Opens a block; the condition is asked only where it counts. */
  open(condition: () => boolean, position: SourcePosition): void {
    const outside = this.active
    const active = outside && condition()
    this.blocks.push({ outside, taken: active, active, sawElse: false, position })
  }

  alternative(condition: () => boolean, isElse: boolean, position: SourcePosition): void {
    const block = this.blocks.at(-1)
    if (block === undefined) throw new AssemblyError(position, 'no .if stands before this')
    if (block.sawElse) throw new AssemblyError(position, 'expected .endif, found a second .else')
    block.sawElse = isElse
    block.active = block.outside && !block.taken && condition()
    block.taken ||= block.active
  }

  close(position: SourcePosition): void {
    if (this.blocks.pop() === undefined) throw new AssemblyError(position, 'no .if stands before this .endif')
  }

  /** Forgets the blocks that a macro opened and did not close. */
  closeTo(depth: number): void {
    this.blocks.length = Math.min(this.blocks.length, depth)
  }

  expectNone(): void {
    const open = this.blocks.at(-1)
    if (open !== undefined) throw new AssemblyError(open.position, '.if without an end: expected .endif')
  }
}
