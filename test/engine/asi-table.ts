/**
 * What each ASI allows, transcribed from the manuals independently of src/asi.ts: UltraSPARC-I 8.3 and the sections it refers to; for
 * UltraSPARC III, Linux arch/sparc/include/uapi/asm/asi.h and where the kernel uses them (arch/sparc/kernel/cherrs.S, mm/ultra.S).
 */
export type Allowed =
  /** All loads, stores and atomics (UltraSPARC-I 8.3.1, table 5-1). */
  | 'all'
  /** UltraSPARC-I 5.3.3, 5.3.4. */
  | 'loads'
  /** Atomics find memory that is not cacheable (UltraSPARC-I 6.4.4). */
  | 'not cacheable'
  /** ldda (UltraSPARC-I 13.6.3). */
  | 'quad'
  /** lddfa and stdfa; stdfa (UltraSPARC-I chapter 13, SPARC64 V JPS1 supplement L.3). */
  | 'double'
  | 'double store'
  /** ldxa, lddfa; stxa, stdfa (UltraSPARC-I 6.5, 6.9.1). */
  | 'read'
  | 'write'
  | 'read write'
  /** ldda, stxa, stdfa (UltraSPARC-I 6.5). */
  | 'I-cache'

const EVERYWHERE = `
  all: 04 0c 10 11 14 18 19 1c 80 81 88 89
  loads: 82 83 8a 8b
  not cacheable: 15 1d
  quad: 24 2c
  double: 70 71 78 79 d0 d1 d2 d3 d8 d9 da db f0 f1 f8 f9
  double store: c0 c1 c2 c3 c4 c5 c8 c9 ca cb cc cd e0 e1
  read write: 45 46 47 49 4a 4b 4c 4d 4e 55 5d
  read: 48 50 51 52 56 58 59 5a 5b 5e 7e 7f
  write: 54 57 5c 5f 76 77
`
const I_II = `${EVERYWHERE}
  I-cache: 66 67 6e 6f
`
const III = `${EVERYWHERE}
  read write: 30 31 32 33 38 39 3a 3b 43 44 60 66 67 68 6f 72 74 75
  read: 53
  write: 42
`
/** UltraSPARC III Cu and IIIi. */
const III_PLUS = `${III}
  quad: 34 3c
  write: 40
`

export const ALLOWED = {
  'ultrasparc-i': parse(I_II),
  'ultrasparc-ii': parse(I_II),
  cheetah: parse(III),
  'cheetah-plus': parse(III_PLUS),
  jalapeno: parse(III_PLUS),
}

function parse(text: string): ReadonlyMap<number, Allowed> {
  const table = new Map<number, Allowed>()
  for (const line of text.trim().split('\n')) {
    const [allowed, numbers] = line.split(':')
    if (numbers === undefined) continue
    for (const number of numbers.trim().split(' ')) table.set(Number.parseInt(number, 16), allowed!.trim() as Allowed)
  }
  return table
}

/** Context of SFSR.CT: 11 for what is not translated (UltraSPARC-I table 6-12, 8.3). */
export function contextOf(asi: number, allowed: Allowed | undefined): 'primary' | 'secondary' | 'nucleus' | 'none' {
  if (allowed === undefined || allowed === 'not cacheable' || asi === 0x14 || asi === 0x1c) return 'none'
  if (asi === 0x34 || asi === 0x3c) return 'none'
  if ([0x04, 0x0c, 0x24, 0x2c].includes(asi)) return 'nucleus'
  if (asi >= 0x80 || (asi >= 0x10 && asi < 0x20) || (asi >= 0x70 && (asi & 7) < 2))
    return asi & 1 ? 'secondary' : 'primary'
  return 'none'
}
