/** What a range of the address space is: plain data, kept in ascending order, page-aligned, without overlaps. */
export interface Vma {
  start: bigint
  end: bigint
  /** PROT_READ | PROT_WRITE | PROT_EXEC. */
  protection: number
  shared: boolean
  /** For people: `heap`, `stack`, the program's name. Ranges that differ in it are not merged. */
  name: string
}

export type VmaList = Vma[]

/** The range that holds `va`. */
export function findVma(list: VmaList, va: bigint): Vma | undefined {
  const index = firstEndingAfter(list, va)
  const vma = list[index]
  return vma !== undefined && vma.start <= va ? vma : undefined
}

/** Whether no range touches [start, end). */
export function isFree(list: VmaList, start: bigint, end: bigint): boolean {
  const vma = list[firstEndingAfter(list, start)]
  return vma === undefined || vma.start >= end
}

/** Whether every byte of [start, end) is in a range. */
export function isCovered(list: VmaList, start: bigint, end: bigint): boolean {
  let at = start
  for (let i = firstEndingAfter(list, start); i < list.length && at < end; i++) {
    if (list[i].start > at) return false
    at = list[i].end
  }
  return at >= end
}

/** The lowest free range of `length` bytes in [low, high), or undefined. */
export function findFree(list: VmaList, length: bigint, low: bigint, high: bigint): bigint | undefined {
  let at = low
  for (let i = firstEndingAfter(list, low); i < list.length; i++) {
    const vma = list[i]
    if (vma.start >= at + length) break
    if (vma.end > at) at = vma.end
  }
  return at + length <= high ? at : undefined
}

/** Adds a range to a list in which it is free; joins it with equal neighbours. */
export function insertVma(list: VmaList, vma: Vma): void {
  const index = firstEndingAfter(list, vma.start)
  list.splice(index, 0, { ...vma })
  joinAt(list, index + 1)
  joinAt(list, index)
}

/** Takes [start, end) out, splitting ranges at its ends. Returns the pieces taken. */
export function removeRange(list: VmaList, start: bigint, end: bigint): Vma[] {
  const first = splitAt(list, start)
  const last = splitAt(list, end)
  return list.splice(first, last - first)
}

/** Sets the protection of what is mapped in [start, end). Returns whether all of it was mapped. */
export function protectRange(list: VmaList, start: bigint, end: bigint, protection: number): boolean {
  const whole = isCovered(list, start, end)
  const first = splitAt(list, start)
  const last = splitAt(list, end)
  for (let i = first; i < last; i++) list[i].protection = protection
  for (let i = last; i >= first; i--) joinAt(list, i)
  return whole
}

/** The end of what is mapped without a hole from `start` on, at most `end`: where mprotect stops. */
export function coveredEnd(list: VmaList, start: bigint, end: bigint): bigint {
  let at = start
  for (let i = firstEndingAfter(list, start); i < list.length && at < end && list[i].start <= at; i++) at = list[i].end
  return at < end ? at : end
}

/** Makes `at` a boundary. Returns the index of the first range that starts at or after it. */
function splitAt(list: VmaList, at: bigint): number {
  const index = firstEndingAfter(list, at)
  const vma = list[index]
  if (vma === undefined || vma.start >= at) return index
  list.splice(index + 1, 0, { ...vma, start: at })
  vma.end = at
  return index + 1
}

function joinAt(list: VmaList, index: number): void {
  const left = list[index - 1]
  const right = list[index]
  if (left === undefined || right === undefined || left.end !== right.start) return
  if (left.protection !== right.protection || left.shared !== right.shared || left.name !== right.name) return
  left.end = right.end
  list.splice(index, 1)
}

function firstEndingAfter(list: VmaList, va: bigint): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (list[middle].end <= va) low = middle + 1
    else high = middle
  }
  return low
}
