/** Bytes that depend on a seed and their position only: what programs get for random numbers unless real entropy is injected. */
export function seededEntropy(seed: number | bigint): (offset: number, length: number) => Uint8Array {
  const base = BigInt.asUintN(64, BigInt(seed))
  return (offset, length) => Uint8Array.from({ length }, (_, n) => byteAt(base, offset + n))
}

/** splitmix64 at word `position >> 3`. */
function byteAt(base: bigint, position: number): number {
  let z = BigInt.asUintN(64, base + 0x9e3779b97f4a7c15n * BigInt((position >> 3) + 1))
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n)
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn)
  z ^= z >> 31n
  return Number((z >> BigInt((position & 7) * 8)) & 0xffn)
}
