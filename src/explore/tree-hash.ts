import type { Frame, KernelTree } from '../kernel-shim'
import { Hash64 } from '../state/hash'

/** Adds the kernel's host-side tree without its counters to a hash. */
export function hashTree(hash: Hash64, tree: KernelTree): Hash64 {
  for (const key in tree.tasks) {
    const { frames, ...rest } = tree.tasks[key]!
    hash.text(key).data(rest)
    hashFrames(hash, frames)
  }
  for (const { interrupts, ...rest } of tree.cpus) {
    hash.data(rest).word(interrupts.length)
    for (const { entry, level, frames } of interrupts) hashFrames(hash.word(entry).word(level), frames)
  }
  return hash.data(tree.allocator).data(tree.user)
}

interface FrameHash {
  readonly running: Hash64
  results: number
  digest: bigint
}

/** Results are only ever added to a frame. */
const known = new WeakMap<Frame, FrameHash>()

function hashFrames(hash: Hash64, frames: readonly Frame[]): void {
  hash.word(frames.length)
  for (const frame of frames) {
    let state = known.get(frame)
    if (state === undefined) {
      state = { running: new Hash64().text(frame.function).data(frame.args), results: -1, digest: 0n }
      known.set(frame, state)
    }
    if (state.results !== frame.results.length) {
      for (let n = Math.max(0, state.results); n < frame.results.length; n++) state.running.data(frame.results[n])
      state.results = frame.results.length
      state.digest = state.running.digest()
    }
    hash.word(Number(state.digest & 0xffffffffn) | 0).word(Number(state.digest >> 32n) | 0)
  }
}
