const ADDRESSES = [0n, 0x123_4000_0000n, 0xffff_fff0_0000_0000n, 0x7fff_ff00n]

/** Where the words of a chunk lie: branches from some of them go round the ends of the address space. */
export function addressOfChunk(number: number): bigint {
  return ADDRESSES[number % ADDRESSES.length]!
}
