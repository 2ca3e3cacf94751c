/** Memory that has the kernel's structures, whose fields are 64-bit words. */
interface Words {
  load(pa: number, size: 8): bigint
  store(pa: number, size: 8, value: bigint): void
  peek(pa: number, size: 8): bigint
}

export const loadWord = (memory: Words, pa: bigint): bigint => memory.load(Number(pa), 8)

export const storeWord = (memory: Words, pa: bigint, value: bigint): void => memory.store(Number(pa), 8, value)

/** Like {@link loadWord}, but no observer of memory hears of it. */
export const peekWord = (memory: Words, pa: bigint): bigint => memory.peek(Number(pa), 8)

/** Address of a word of an array. */
export const nthWord = (array: bigint, n: number): bigint => array + BigInt(n) * 8n
