import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { disassemble, makeRows } from '../../src/isa'
import { assemble } from '../../src/isa/assemble'
import { sampleWords } from '../isa/instruction-words'
import { requireTool } from '../support/tools'
import { isSparc64Elf, textSections } from './elf-text'
import { gas, hasGas } from './gas'
import { objdump } from './objdump'

const SOURCES = join(import.meta.dirname, 'assembly')
const PROGRAMS = join(import.meta.dirname, '../programs')
const FIRMWARE = join(import.meta.dirname, '../../firmware')
const ORIGIN = 0x123_4000_0000n
const WORDS_OF_A_ROW = 40
const SLOW = { timeout: 120_000 }

describe.skipIf(!hasGas)('our bytes equal those of gas', () => {
  it.each(['instructions.s', 'directives.s'])('for %s', (name) => {
    expectSameBytes(readFileSync(join(SOURCES, name), 'utf8'), 0x1000_0000n)
  })

  it('for set, setuw, setsw and setx of any number', SLOW, () => {
    const numbers = fc.sample(interestingNumbers(), { numRuns: 4_000, seed: 1 })
    const lines = numbers.flatMap((number) => {
      const unsigned = BigInt.asUintN(32, number)
      return [
        `set ${unsigned}, %g1`,
        `setuw ${BigInt.asIntN(32, number)}, %g2`,
        `setsw ${BigInt.asIntN(32, number)}, %g3`,
        `setsw ${unsigned}, %g3`,
        `setx ${number}, %g4, %g5`,
        `setx ${BigInt.asUintN(64, number)}, %o0, %o1`,
      ]
    })
    expectSameBytes(`.text\n.register %g2, #scratch\n.register %g3, #scratch\n${lines.join('\n')}\n`, 0n)
  })

  it('for expressions of numbers', SLOW, () => {
    const lines = fc.sample(expressions(), { numRuns: 3_000, seed: 2 }).map((text) => ` .xword ${text}`)
    expectSameBytes(`${lines.join('\n')}\n`, 0n)
  })

  it('for the text of words of every row', SLOW, () => {
    const texts = makeRows()
      .flatMap((row) => sampleWords(row, WORDS_OF_A_ROW))
      .map((word) => disassemble(word, 0n))
      .filter((text) => text !== 'unknown' && !isRefusedByGas(text))
    expect(texts.length).toBeGreaterThan(20_000)
    expectSameBytes(asSource(texts.map((text) => ({ text, address: 0n }))), ORIGIN, 'v9m8')
  })

  const gcc = requireTool('sparc64-linux-gnu-gcc', 'gcc-sparc64-linux-gnu')
  it
    .skipIf(gcc === undefined)
    .each([
      '-O0',
      '-O2',
      '-Os',
      '-O3',
      '-O2 -mcpu=ultrasparc3 -mvis',
      '-O2 -mcmodel=medlow',
      '-O2 -mcmodel=medany',
      '-O2 -mcmodel=embmedany',
    ])('for what gcc %s makes of a C source', (options) => {
    const always = [
      '-fno-pie',
      '-fno-jump-tables',
      '-fno-merge-constants',
      '-ffreestanding',
      '-fno-asynchronous-unwind-tables',
    ]
    const source = execFileSync(gcc!, [...options.split(' '), ...always, '-S', '-o', '-', join(SOURCES, 'compiled.c')])
    expectSameBytes(source.toString('latin1'), 0x10_0000n)
  })

  const firmware = existsSync(FIRMWARE) ? readdirSync(FIRMWARE).filter((name) => name.endsWith('.S')) : []
  it.runIf(firmware.length > 0)('for the firmware', () => {
    const first = ['definitions.S', 'trap-table.S']
    const names = [...first, ...firmware.filter((name) => !first.includes(name)).sort()]
    expectSameBytes(names.map((name) => readFileSync(join(FIRMWARE, name), 'utf8')).join('\n'), 0x8000n)
  })
})

const objdumpTool = requireTool('sparc64-linux-gnu-objdump', 'binutils-sparc64-linux-gnu')
const programs = filesBelow(PROGRAMS).filter(isSparc64Elf)

describe.skipIf(objdumpTool === undefined || programs.length === 0)('the text of every word of the programs', () => {
  const words = [...new Set(programs.flatMap(textSections).flatMap((section) => section.words))]
  const texts = objdumpTool === undefined ? [] : objdump(objdumpTool, words, ORIGIN)
  const kept = texts
    .map((text, index) => ({ text, word: words[index]!, address: ORIGIN + BigInt(index) * 4n }))
    .filter(({ text }) => text !== 'unknown' && !isRefusedByGas(text))

  it('assembles to the same word', SLOW, () => {
    expect(kept.length).toBeGreaterThan(10_000)
    const ours = assemble(asSource(kept), { origin: ORIGIN }).bytes
    const view = new DataView(ours.buffer, ours.byteOffset)
    const changed = kept
      .map(({ word, text }, index) => ({ text, word, made: view.getUint32(index * 4) }))
      .filter(({ word, made, text }) => made !== word && !isSpelledInTwoWays(word, made, text))
    expect(changed.slice(0, 20)).toEqual([])
  })

  it.skipIf(!hasGas)('assembles to what gas makes of it', SLOW, () => {
    expectSameBytes(asSource(kept), ORIGIN)
  })
})

function expectSameBytes(source: string, origin: bigint, architecture?: string): void {
  const ours = assemble(source, { origin }).bytes
  expect(firstDifference(ours, gas(source, origin, architecture))).toBeUndefined()
}

/** Offset and words where two images differ first. */
function firstDifference(ours: Uint8Array, theirs: Uint8Array): unknown {
  const length = Math.max(ours.length, theirs.length)
  for (let at = 0; at < length; at += 4) {
    const [a, b] = [hex(ours, at), hex(theirs, at)]
    if (a !== b) return { at, ours: a, theirs: b, lengths: [ours.length, theirs.length] }
  }
  return undefined
}

function hex(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.subarray(at, at + 4)).toString('hex')
}

/** A source of one instruction a line, with branch targets as distances, which need no symbols. */
function asSource(lines: readonly { text: string; address: bigint }[]): string {
  const source = lines.map(({ text, address }) =>
    text.replace(
      /^((?:f?b[a-z,]*|call|iprefetch|c[wx]b[a-z]+) (?:.*, )?)(0x[0-9a-f]+|\d+)$/,
      (_, start: string, target: string) => {
        return `${start}. + (${BigInt.asIntN(64, BigInt(target) - address)})`
      },
    ),
  )
  return ` .register %g2, #scratch\n .register %g3, #scratch\n${source.join('\n')}\n`
}

/** Text that objdump prints although gas does not take it back: constants with their sign, quad registers that do not exist. */
function isRefusedByGas(text: string): boolean {
  const isQuad = /^(?:f[a-z]*q|fq|ldq|stq|f[sdxi]toq|fdmulq)/.test(text)
  const oddRegister = [...text.matchAll(/%f(\d+)/g)].some(([, number]) => Number(number) % 4 !== 0)
  return (isQuad && oddRegister) || /^illtrap 0x(?!0*[1-3]?[0-9a-f]{1,5}$)/.test(text)
}

/**
 * Words that objdump gives one text: `clr` is an `or` with a zero or with %g0, and an address without an offset has either,
 * too. gas makes one of them.
 */
function isSpelledInTwoWays(word: number, made: number, text: string): boolean {
  return /^clr %/.test(text) || disassemble(word, 0n) === disassemble(made, 0n)
}

function interestingNumbers(): fc.Arbitrary<bigint> {
  const boundary = fc.constantFrom(
    0n,
    0x3ffn,
    0x400n,
    0xfffn,
    0x1000n,
    0x1fffn,
    0x7fff_ffffn,
    0x8000_0000n,
    0xffff_ffffn,
  )
  const small = fc.tuple(boundary, fc.bigInt({ min: -2n, max: 2n })).map(([a, b]) => a + b)
  const half = fc.oneof(
    small,
    small.map((value) => -value),
    fc.bigInt({ min: -0x8000_0000n, max: 0xffff_ffffn }),
  )
  return fc.oneof(
    half,
    fc.tuple(half, half).map(([high, low]) => BigInt.asIntN(64, (high << 32n) + low)),
    fc.nat(63).map((bit) => BigInt.asIntN(64, 1n << BigInt(bit))),
    fc.nat(63).map((bit) => BigInt.asIntN(64, -1n << BigInt(bit))),
  )
}

/** Division by zero and the least number by -1 are left out: gas refuses one and crashes at the other. */
function expressions(): fc.Arbitrary<string> {
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(
        fc.bigInt({ min: 0n, max: 100n }).map(String),
        fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map((value) => `0x${value.toString(16)}`),
      ),
      fc
        .tuple(
          tie('expression'),
          fc.constantFrom('+', '-', '*', '|', '&', '^', '==', '<>', '<', '>', '<=', '>=', '&&', '||'),
          tie('expression'),
        )
        .map(([left, operator, right]) => `${left} ${operator} ${right}`),
      fc.tuple(tie('expression'), fc.integer({ min: 1, max: 1_000 })).map(([left, right]) => `(${left}) / ${right}`),
      fc.tuple(tie('expression'), fc.integer({ min: 1, max: 63 })).map(([left, right]) => `${left} >> ${right}`),
      fc.tuple(tie('expression'), fc.integer({ min: 1, max: 63 })).map(([left, right]) => `${left} << ${right}`),
      tie('expression').map((inner) => `(${inner})`),
      tie('expression').map((inner) => `-(${inner})`),
      tie('expression').map((inner) => `~(${inner})`),
    ),
  }))
  return expression
}

function filesBelow(directory: string): string[] {
  if (!existsSync(directory)) return []
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name)
    return statSync(path).isDirectory() ? filesBelow(path) : [path]
  })
}
