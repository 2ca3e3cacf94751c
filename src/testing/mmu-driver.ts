import type { ContextKind, DecodedEntry, decodeSfsr, MmuModelName, MmuSide } from '../mmu/index'
import type { U64Like } from '../u64'
import type { EntryToLoad } from './entry-to-load'
import type { Demap, MmuRegisterName } from './mmu-registers'

export type AccessSize = 1 | 2 | 4 | 8 | 16

/** One instruction that a CPU executes by itself: what a driver has to be able to do. */
export interface Access {
  readonly va: U64Like
  /** `quad` is the atomic 128-bit load, `flush` the FLUSH instruction; `fetch` jumps to `va`. */
  readonly access: 'load' | 'store' | 'atomic' | 'quad' | 'flush' | 'fetch'
  /** Of loads, stores and atomics. */
  readonly asi: number
  /** Bytes: 1, 2, 4 or 8; 1, 4 or 8 of an atomic (ldstub, swap, casx); 16 of `quad`. Default 8, or 16. */
  readonly size?: AccessSize
  /** PSTATE.PRIV; default true. */
  readonly privileged?: boolean
  /** PSTATE.AM. */
  readonly addressMask?: boolean
  /** TL: at 1, fetches are in the nucleus context. Default 0. */
  readonly trapLevel?: 0 | 1
  /** What is stored; of casx what is compared. Default 0. */
  readonly value?: U64Like
  /** What casx stores if it finds `value`. Default 0. */
  readonly swap?: U64Like
}

/** What the fault registers hold after an access. */
export interface FaultRegisterValues {
  readonly dataSfsr: bigint
  readonly dataSfar: bigint
  readonly dataTagAccess: bigint
  readonly instructionSfsr: bigint
  readonly instructionTagAccess: bigint
}

/** How an access ended. */
export type AccessReport = {
  readonly va: bigint
  readonly registers: FaultRegisterValues
} & (
  | {
      readonly ok: true
      /** Physical byte address, where the driver can tell: see {@link MmuDriver.windowBytes}. */
      readonly pa: bigint | undefined
      /** The bytes were in the other order than the access asked for; of loads and casx, undefined where `pa` is. */
      readonly invertEndian: boolean | undefined
      /** What was loaded, unsigned. */
      readonly value: bigint
    }
  | {
      readonly ok: false
      /** The trap's name, and its number. */
      readonly trap: string
      readonly trapType: number
      /** SFSR.FT of an access exception, else 0. */
      readonly faultType: number
    }
)

/** {@link Access} as tests ask for it. */
export interface AccessOptions {
  /** Default `load`. */
  readonly access?: Access['access']
  /** Which context register; default nucleus. Of a fetch: primary or nucleus. */
  readonly context?: ContextKind
  readonly noFault?: boolean
  /** Default: the ASI that belongs to the context. */
  readonly asi?: number
  readonly size?: AccessSize
  readonly privileged?: boolean
  readonly addressMask?: boolean
  readonly value?: U64Like
  readonly swap?: U64Like
}

/** What an implementation may be known to do otherwise than the manual says. */
export type MmuFeature =
  | 'direct-pointer'
  | 'illegal-asi'
  | 'illegal-asi-size'
  | 'no-fault-only'
  | 'no-fault-with-mmu-off'
  | 'nucleus-with-mmu-off'
  | 'privileged-action-sfsr'
  | 'reserved-bits'
  | 'sfar-offset'
  | 'sfsr-asi'
  | 'sfsr-side-effect'
  | 'uncacheable-atomics'
  | 'virtual-address-hole'
  | 'watchpoints'

/**
 * The MMU of one CPU, wherever it is, as its instructions reach it: the same tests run on every implementation.
 * All operations are asynchronous and in order; a driver is used by one test at a time.
 */
export interface MmuDriver {
  /** Of the implementation. */
  readonly name: string
  readonly model: MmuModelName
  /** What the implementation is known to do otherwise, and how. */
  readonly deviations: Readonly<Partial<Record<MmuFeature, string>>>
  /** Physical addresses below this can be told from what is loaded, stored or fetched there. */
  readonly windowBytes: number
  /** The instruction page that the driver runs from, and the entry that maps it. Tests leave both alone. */
  readonly reserved: { readonly va: bigint; readonly bytes: number; readonly index: number }

  /** MMUs on, all registers 0, TLBs empty but for the driver's entry, memory below `windowBytes` as it was. */
  reset(): Promise<void>
  /** Executes instructions one after the other, each whether or not the one before trapped. */
  perform(accesses: readonly Access[]): Promise<AccessReport[]>

  /** @throws DriverError if the load traps */
  loadAsi(asi: number, va: U64Like): Promise<bigint>
  /** @throws DriverError if the store traps */
  storeAsi(asi: number, va: U64Like, value: U64Like): Promise<void>
  register(name: MmuRegisterName): Promise<bigint>
  setRegister(name: MmuRegisterName, value: U64Like): Promise<void>
  sfsr(side?: MmuSide): Promise<ReturnType<typeof decodeSfsr>>
  /** By Data In, or by Data Access if it has an `index`. Leaves its tag in tag access. @throws RangeError if it cannot be encoded */
  loadEntry(entry: EntryToLoad): Promise<void>
  /** All entries of a side, as Data Access and Tag Read show them. */
  entries(side?: MmuSide): Promise<DecodedEntry[]>
  demap(demap: Demap, side?: MmuSide): Promise<void>
  demapPage(va: U64Like, context?: ContextKind, side?: MmuSide): Promise<void>
  demapContext(context?: ContextKind, side?: MmuSide): Promise<void>
  demapAll(side?: MmuSide): Promise<void>
  translate(va: U64Like, options?: AccessOptions): Promise<AccessReport>
  /** Releases what the driver holds, such as its process. Done twice, it does nothing. */
  close(): Promise<void>
}

/** An implementation that is not there, died, hangs or answers what it may not. */
export class DriverError extends Error {
  override readonly name: string = 'DriverError'
}
