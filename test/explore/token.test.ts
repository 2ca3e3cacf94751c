import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatToken, parseToken, type ReplayToken, TokenError } from '../../src/explore/token'

const token: ReplayToken = {
  semantics: '1',
  scenario: 'two-flushes',
  configuration: { policy: 'local-trim', strict: false, mondoDelay: 0 },
  schedule: [
    { cpu: 0, steps: 61 },
    { cpu: 1, steps: 1 },
    { cpu: 0, steps: 300 },
  ],
  replayHash: 0x0123456789abcdefn,
}

const anyToken: fc.Arbitrary<ReplayToken> = fc.record({
  semantics: fc.string(),
  scenario: fc.string({ unit: 'grapheme' }),
  configuration: fc.dictionary(
    fc.string().filter((name) => name !== '__proto__'),
    fc.oneof(fc.string(), fc.integer(), fc.boolean()),
    { noNullPrototype: true },
  ),
  schedule: fc.array(fc.record({ cpu: fc.nat(31), steps: fc.integer({ min: 1, max: 2 ** 16 }) }), { maxLength: 100 }),
  replayHash: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
})

function fault(text: string): string {
  try {
    parseToken(text)
  } catch (error) {
    if (error instanceof TokenError) return error.fault
    throw error
  }
  return 'accepted'
}

describe('a replay token', () => {
  it('is short and printable, and is read back', () => {
    const text = formatToken(token)
    expect(text).toMatch(/^smp[A-Za-z0-9_-]+$/)
    expect(text.length).toBeLessThan(160)
    expect(parseToken(text)).toEqual(token)
    fc.assert(
      fc.property(anyToken, (any) => {
        expect(parseToken(formatToken(any))).toEqual(any)
      }),
    )
  })

  it('that was changed in one character, or cut, is damaged', () => {
    const text = formatToken(token)
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        fc.pre(text[at] !== character)
        expect(fault(text.slice(0, at) + character + text.slice(at + 1))).toBe('damaged-token')
      }),
      { numRuns: 2000 },
    )
    for (let end = 0; end < text.length; end++) expect(fault(text.slice(0, end))).toBe('damaged-token')
  })

  it('of more steps than any search makes is damaged', () => {
    expect(fault(formatToken({ ...token, schedule: [{ cpu: 0, steps: 2 ** 40 }] }))).toBe('damaged-token')
  })

  it('of any other text is a typed error', () => {
    fc.assert(
      fc.property(fc.string(), fc.base64String(), (any, base64) => {
        expect(fault(any)).toBe('damaged-token')
        expect(fault(`smp${base64.replaceAll('=', '')}`)).toBe('damaged-token')
      }),
      { numRuns: 1000 },
    )
  })
})
