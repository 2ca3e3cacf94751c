/**
 * Offsets of everything guest-visible in a machine's memory: one truth for the engines, hash, snapshot and debugger.
 *
 * A machine's memory is: machine block, one CPU block per CPU, RAM. A CPU block is: registers, TLB entries, and last the
 * time fields, so that a hash can leave time out by ending early. Every field is one little-endian 64-bit word.
 */

/** Windows of the integer register file (V9 5.1.4; UltraSPARC implements 8). */
export const NWINDOWS = 8
/** Trap levels (UltraSPARC: MAXTL = 5). */
export const MAXTL = 5
/** Sets of global registers: normal, alternate, MMU, interrupt (UltraSPARC-I table 14-13). */
export const GLOBALS_NORMAL = 0
export const GLOBALS_ALTERNATE = 1
export const GLOBALS_MMU = 2
export const GLOBALS_INTERRUPT = 3

const WORD = 8

function fields<const Names extends readonly (string | readonly [string, number])[]>(start: number, names: Names) {
  const offsets: Record<string, number> = {}
  let next = start
  for (const entry of names) {
    const [name, words] = typeof entry === 'string' ? [entry, 1] : entry
    offsets[name] = next
    next += words * WORD
  }
  type Name = Names[number] extends infer E ? (E extends readonly [infer N, number] ? N : E) : never
  return { offsets: offsets as Record<Name & string, number>, end: next }
}

const registers = fields(0, [
  ['globals', 4 * 8],
  /** ins and locals of window w at w * 16: ins 0..7, locals 8..15; outs are the ins of window w + 1 (V9 5.1.4). */
  ['windows', NWINDOWS * 16],
  /** Double d2n at n; the even single is its upper half. */
  ['float', 32],
  'pc',
  'npc',
  'y',
  'ccr',
  'asi',
  'fprs',
  'fsr',
  'gsr',
  'pstate',
  'tl',
  'pil',
  'cwp',
  'cansave',
  'canrestore',
  'cleanwin',
  'otherwin',
  'wstate',
  'tba',
  'softint',
  /** TICK.NPT: 1 denies unprivileged reads. */
  'tickProtect',
  /** STICK.NPT, likewise. */
  'stickProtect',
  ['tpc', MAXTL],
  ['tnpc', MAXTL],
  ['tstate', MAXTL],
  ['tt', MAXTL],
  /** CpuStatus of engine/cpu.ts. */
  'status',
  /** UltraSPARC-I 9.3: outgoing data words, dispatch status; incoming data words, receive status. */
  ['mondoOut', 8],
  'mondoDispatchStatus',
  ['mondoIn', 8],
  'mondoReceive',
  /** Instructions that the receiver still executes before it takes an accepted mondo. */
  'mondoCountdown',
  'lsuControl',
  'upaConfig',
  'errorEnable',
  'asyncFaultStatus',
  'asyncFaultAddress',
  /** UltraSPARC III: bus address, memory controller (Linux arch/sparc/include/asm/chmctrl.h), E-cache control, instruction trap. */
  'systemAddress',
  ['memoryControl', 9],
  'ecacheControl',
  'instructionTrap',
  /** UltraSPARC-I 11.4: control registers of the high and the low data buffer. */
  ['dataBufferControl', 2],
  'dcr',
  'pcr',
  'immuTagAccess',
  'immuSfsr',
  'immuTsb',
  ['immuTsbExtension', 3],
  'dmmuPrimaryContext',
  'dmmuSecondaryContext',
  'dmmuTagAccess',
  'dmmuSfsr',
  'dmmuSfar',
  'dmmuTsb',
  ['dmmuTsbExtension', 3],
  'virtualWatchpoint',
  'physicalWatchpoint',
  ['scratchpad', 8],
  /** 1 if the last fast_data_access_protection was on a 64K page: which pointer the direct pointer is (UltraSPARC-I 6.3.1). */
  'dmmuDirectPointer',
  /** Page sizes that the set-associative arrays have for the context of the last data miss (UltraSPARC-III Cu). */
  'dmmuTagAccessExtension',
  /** Context of the last miss, as SFSR.CT has it: which TSB extension register the pointers are made with. */
  'immuMissContext',
  'dmmuMissContext',
  /** State of the generator that chooses ways to replace. */
  'immuReplacement',
  'dmmuReplacement',
  ['reserved', 3],
])

/** Byte offset of each register in a CPU block. */
export const REGISTER = registers.offsets
export type RegisterField = keyof typeof REGISTER

/** A TLB entry: tag (VA and context as in Tag Read), data (TTE as in Data Access), flags (bit 0 valid-in-array is the TTE's V; bit 0 here is `used`). */
export const TLB_ENTRY_WORDS = 3
export const TLB_ENTRY_BYTES = TLB_ENTRY_WORDS * WORD
export const TLB_TAG = 0
export const TLB_DATA = WORD
export const TLB_FLAGS = 2 * WORD

const time = fields(0, ['tickOffset', 'tickCompare', 'stickOffset', 'stickCompare', 'instructions', 'pic'])

export interface MachineShape {
  readonly cpus: number
  /** Bytes of RAM, a multiple of 8192. */
  readonly ramBytes: number
  /** Entries of all I-TLB and D-TLB arrays of a CPU together. */
  readonly itlbEntries: number
  readonly dtlbEntries: number
  /** Stores that a CPU's store buffer holds; 0, the default, for none. */
  readonly storeBufferEntries?: number
}

export interface Layout extends MachineShape {
  /** Offset of the machine clock (instructions executed and idle time skipped). */
  readonly clock: number
  readonly cpuBlocks: number
  readonly cpuBlockBytes: number
  /** Within a CPU block. */
  readonly itlb: number
  readonly dtlb: number
  /** Number of buffered stores, then the stores, oldest first (engine/store-buffer.ts). Without a store buffer nothing is there. */
  readonly storeBuffer: number
  /** End of the part that does not depend on time. */
  readonly timeless: number
  readonly time: Record<'tickOffset' | 'tickCompare' | 'stickOffset' | 'stickCompare' | 'instructions' | 'pic', number>
  readonly ram: number
  readonly totalBytes: number
}

/** A buffered store: physical address of its doubleword and which bytes of it (bit 7 the first), and the doubleword. */
export const BUFFERED_STORE_BYTES = 2 * WORD

const PAGE = 8192

export function createLayout(shape: MachineShape): Layout {
  const itlb = registers.end
  const dtlb = itlb + shape.itlbEntries * TLB_ENTRY_BYTES
  const storeBuffer = dtlb + shape.dtlbEntries * TLB_ENTRY_BYTES
  const stores = shape.storeBufferEntries ?? 0
  const timeless = storeBuffer + (stores === 0 ? 0 : WORD + stores * BUFFERED_STORE_BYTES)
  const timeOffsets = Object.fromEntries(Object.entries(time.offsets).map(([name, at]) => [name, at + timeless]))
  const cpuBlockBytes = alignUp(timeless + time.end, 1024)
  const cpuBlocks = 1024
  const ram = alignUp(cpuBlocks + shape.cpus * cpuBlockBytes, PAGE)
  return {
    ...shape,
    clock: 0,
    cpuBlocks,
    cpuBlockBytes,
    itlb,
    dtlb,
    storeBuffer,
    timeless,
    time: timeOffsets as Layout['time'],
    ram,
    totalBytes: ram + shape.ramBytes,
  }
}

export function cpuBlock(layout: Layout, cpu: number): number {
  return layout.cpuBlocks + cpu * layout.cpuBlockBytes
}

/** The least multiple of `to` that is not below `value`. */
export function alignUp(value: number, to: number): number {
  return Math.ceil(value / to) * to
}
