import { chai, expect } from 'vitest'
import {
  type DecodedEntry,
  decodeSfsr,
  faultTypeNames,
  formatSfsr,
  formatTlb,
  Mmu,
  type MmuSide,
  type MmuTrap,
} from '../mmu/index'
import { hex, hex64, toU64, type U64Like } from '../u64'
import { MmuFixture, type TranslateOptions, type Translation } from './mmu'
import type { AccessReport } from './mmu-driver'

/** What `toTranslate(va)` gives. */
export interface TranslatesTo {
  /** The physical byte address. */
  to(pa: U64Like): void
}

/** Fields of an entry to look for; addresses and `context` as in {@link DecodedEntry}. */
export type EntryPattern = Partial<Omit<DecodedEntry, 'va' | 'pa' | 'observed'>> & { va?: U64Like; pa?: U64Like }

/** Fields of an SFSR to look for. */
export type SfsrPattern = Partial<ReturnType<typeof decodeSfsr>>

export interface MmuMatchers<R = unknown> {
  /** The MMU translates `va`, without any effect of asking: `expect(m).toTranslate(va, options).to(pa)`. */
  toTranslate(va: U64Like, options?: TranslateOptions): TranslatesTo
  /** The same in one call. */
  toTranslate(va: U64Like, pa: U64Like, options?: TranslateOptions): TranslatesTo
  /** A translation or a driver's access ended in this trap: `expect(m.translate(va)).toFault('fast_data_access_MMU_miss')`. */
  toFault(trap: MmuTrap | (string & {}), faultType?: number): R
  /** The SFSR has all these fields; of a fixture or of a driver's report. */
  toHaveSfsr(fields: SfsrPattern, side?: MmuSide): R
  /** A valid entry of the TLB (data, if not told) has all these fields. */
  toHoldEntry(pattern: EntryPattern, side?: MmuSide): R
  /** Equal as unsigned 64-bit words, whatever the type. */
  toEqualU64(expected: U64Like): R
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: the declaration that is merged with has it
  interface Matchers<T = any> extends MmuMatchers<T> {}
}

function fixtureOf(subject: unknown, matcher: string): MmuFixture {
  if (subject instanceof MmuFixture) return subject
  if (subject instanceof Mmu) return new MmuFixture(subject)
  throw new TypeError(`${matcher}: expected an MMU or mmu() fixture, got ${subject === null ? 'null' : typeof subject}`)
}

/** An MMU fixture's translation, or a driver's access. */
type Outcome = Translation | AccessReport

/** The TLBs, where the outcome has them at hand. */
function tlbsOf(outcome: Outcome): string {
  return 'fixture' in outcome ? `\n\n${outcome.fixture}` : ''
}

function describeTranslation(translation: Outcome): string {
  if (translation.ok)
    return translation.pa === undefined ? 'it goes through' : `it translates to ${hex(translation.pa)}`
  const type = translation.faultType
    ? `, fault type ${hex(translation.faultType)} (${faultTypeNames(translation.faultType)})`
    : ''
  return `it takes ${translation.trap}${type}`
}

function isOptions(value: unknown): value is TranslateOptions {
  return typeof value === 'object' && value !== null && !('high' in value && 'low' in value)
}

chai.util.addMethod(
  chai.Assertion.prototype,
  'toTranslate',
  function (this: Chai.AssertionStatic, va: U64Like, second?: U64Like | TranslateOptions, third?: TranslateOptions) {
    const fixture = fixtureOf(this._obj, 'toTranslate')
    const options = isOptions(second) ? second : third
    const translation = fixture.probe(va, options)
    const address = hex64(translation.va)
    const message = (expectation: string) => () =>
      `expected ${address} ${expectation}, but ${describeTranslation(translation)}\n\n${fixture}`
    const assertTo = (pa: U64Like) => {
      const expected = toU64(pa, 'pa')
      const actual = translation.ok ? translation.pa : undefined
      this.assert(
        actual === expected,
        message(`to translate to ${hex(expected)}`),
        message(`not to translate to ${hex(expected)}`),
        expected,
        actual,
      )
    }
    const target = isOptions(second) ? undefined : second
    if (target !== undefined) assertTo(target)
    else this.assert(translation.ok, message('to translate'), message('not to translate'), undefined, undefined)
    return { to: assertTo } satisfies TranslatesTo
  },
)

/** The matchers, for an `expect` of one's own; importing this module gives them to vitest's. */
export const mmuMatchers: Parameters<typeof expect.extend>[0] = {
  toFault(translation: Outcome, trap: string, faultType?: number) {
    const asked = `${trap}${faultType === undefined ? '' : `, fault type ${hex(faultType)} (${faultTypeNames(faultType)})`}`
    const pass =
      !translation.ok && translation.trap === trap && (faultType ?? translation.faultType) === translation.faultType
    return {
      pass,
      message: () =>
        `expected ${hex64(translation.va)} ${this.isNot ? 'not ' : ''}to take ${asked}, but ${describeTranslation(translation)}` +
        tlbsOf(translation),
    }
  },

  toHaveSfsr(subject: unknown, pattern: SfsrPattern, side: MmuSide = 'data') {
    const register = side === 'data' ? 'dataSfsr' : 'instructionSfsr'
    const reported = (subject as Partial<AccessReport> | null)?.registers
    const value = reported === undefined ? fixtureOf(subject, 'toHaveSfsr').register(register) : reported[register]
    const fields = decodeSfsr(value)
    const wanted = Object.entries(pattern) as [keyof SfsrPattern, unknown][]
    return {
      pass: wanted.every(([field, expected]) => fields[field] === expected),
      message: () =>
        `expected the ${side} SFSR ${this.isNot ? 'not ' : ''}to have ` +
        `${wanted.map(([field, expected]) => `${field} ${String(expected)}`).join(', ')}, but it is ${hex64(value)}: ` +
        formatSfsr(value),
    }
  },

  toHoldEntry(subject: unknown, pattern: EntryPattern, side: MmuSide = 'data') {
    const entries = fixtureOf(subject, 'toHoldEntry').entries(side)
    const wanted = Object.entries(pattern).map(([field, value]) => {
      const address = field === 'va' || field === 'pa'
      return [field, address ? toU64(value as U64Like, field) : value] as const
    })
    const fits = (entry: DecodedEntry) =>
      (entry.valid || pattern.valid === false) &&
      wanted.every(([field, value]) => entry[field as keyof DecodedEntry] === value)
    const show = (value: unknown) => (typeof value === 'bigint' ? hex(value) : String(value))
    const asked = wanted.map(([field, value]) => `${field} ${show(value)}`).join(', ')
    return {
      pass: entries.some(fits),
      message: () =>
        `expected the ${side} TLB ${this.isNot ? 'not ' : ''}to hold an entry with ${asked}\n\n` +
        formatTlb(entries, { title: `${side} TLB` }),
    }
  },

  toEqualU64(actual: U64Like, expected: U64Like) {
    const [left, right] = [toU64(actual, 'actual'), toU64(expected, 'expected')]
    return {
      pass: left === right,
      message: () =>
        this.isNot
          ? `expected ${hex64(left)} not to equal it`
          : `expected ${hex64(left)} to equal ${hex64(right)}, differing bits ${hex64(left ^ right)}`,
    }
  },
}

expect.extend(mmuMatchers)
