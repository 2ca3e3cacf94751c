/** All proofs, in the order in which they run. */

export const SIZES = ['ci', 'full'] as const
/** How much is judged: what every change runs, or all that fits in an hour together. */
export type Size = (typeof SIZES)[number]

export interface Proof {
  /** Name of the script beside this file, and first word of its last line. */
  readonly name: string
  /** What is held against what, for the table. */
  readonly shows: string
  readonly args: Readonly<Record<Size, readonly string[]>>
}

export const PROOFS: readonly Proof[] = [
  {
    name: 'disassembly',
    shows: 'decoding and disassembly of stratified words against objdump',
    args: { ci: ['--count', '1000000'], full: ['--count', '50000000'] },
  },
  {
    name: 'assembly',
    shows: 'disassembled words assembled again, by us and by gas',
    args: { ci: ['--count', '1000000'], full: ['--count', '50000000'] },
  },
  {
    name: 'soft-float',
    shows: "float arithmetic, values and flags, against the host's FPU and MPFR",
    args: { ci: ['--count', '1000000'], full: ['--count', '100000000'] },
  },
  {
    name: 'instructions',
    shows: 'single instructions on random state against qemu-sparc64 10',
    args: { ci: ['--count', '200000'], full: ['--count', '20000000'] },
  },
  {
    name: 'torture',
    shows: 'gcc.c-torture/execute against qemu-sparc64',
    args: { ci: ['--count', '300', '--levels', '2'], full: ['--levels', '0,1,2,s'] },
  },
  {
    name: 'csmith',
    shows: 'random C programs against qemu-sparc64',
    args: { ci: ['--count', '30'], full: ['--count', '1000'] },
  },
  {
    name: 'fast-table',
    shows: 'fast table and data TLB of each MMU model against a plain TLB, random operations',
    args: { ci: ['--count', '100000'], full: ['--count', '10000000'] },
  },
  {
    name: 'mmu-tests',
    shows: 'MMU tests that name the section they were read in',
    args: { ci: [], full: [] },
  },
  {
    name: 'replay',
    shows:
      'state hashes of runs made again: other division, from a snapshot, by the recorded schedule, in another process',
    args: { ci: ['--count', '50'], full: ['--count', '2000'] },
  },
  {
    name: 'mutation',
    shows: 'faults put into our own code one at a time, caught by its tests (95 % must be)',
    args: { ci: ['--count', '40'], full: ['--count', '400'] },
  },
]
