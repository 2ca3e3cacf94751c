import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assemble } from '../../src/isa'
import { memoryFiles, type RunOptions, runProgram, SYSTEM_CALLS } from '../../src/linux-user'
import { DATA, TEXT, wordsElf } from './guest'

const REASONS = ['exit', 'signal', 'max-instructions', 'deadlock']

/** Runs words as a program. Whatever they do, the host gets a result. */
function survives(words: readonly number[], options: Partial<RunOptions> = {}): void {
  const result = runProgram({ elf: wordsElf(words), ramBytes: 16 << 20, maxInstructions: 20_000, ...options })
  expect(REASONS).toContain(result.reason)
  if (result.reason === 'signal') expect(result.exitCode).toBe(128 + (result.signal ?? 0))
}

const wordsOf = (source: string) => {
  const { bytes } = assemble(source, { origin: TEXT })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4))
}

const interesting = fc.oneof(
  fc.constantFrom(0n, 1n, 2n, 7n, 8n, 16n, 4096n, 8191n, 8192n, 16384n, 0x7fffffffn, 0xffffffffn),
  fc.constantFrom(TEXT, TEXT + 1n, DATA, DATA + 4n, DATA + 0xfffcn, DATA + 0x10000n, 0x2000n),
  fc.constantFrom(0x7fe00000000n, 0x7feffffe000n, 0x10000000000n, (1n << 43n) - 8192n, 1n << 43n, 0x8000_0000_0000n),
  fc.constantFrom((1n << 64n) - 1n, (1n << 64n) - 8192n, (1n << 64n) - 100n, 1n << 63n),
  fc.bigInt({ min: 0n, max: 64n }),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
)
const numbers = SYSTEM_CALLS.map(([number]) => number)
const call = fc.record({
  number: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...numbers) },
    { weight: 1, arbitrary: fc.nat({ max: 500 }) },
  ),
  args: fc.tuple(interesting, interesting, interesting, interesting, interesting, interesting),
})

function callSource({ number, args }: { number: number; args: readonly bigint[] }): string {
  const moves = args.map((value, n) => `setx ${value}, %g1, %o${n}`)
  return [...moves, `mov ${number}, %g1`, 'ta 0x6d'].join('\n')
}

describe('a guest cannot hurt its host', { timeout: 120_000 }, () => {
  it('by system calls with any arguments', () => {
    const files = () => memoryFiles(new Map([['/file', new Uint8Array(100)]]))
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 2 }), (calls, cpus) => {
        survives(wordsOf(`${calls.map(callSource).join('\n')}\nmov 0, %o0\nmov 188, %g1\nta 0x6d\n`), {
          cpus,
          fileSystem: files(),
        })
      }),
      { numRuns: 100 },
    )
  })

  it('by any instruction words', () => {
    const word = fc.oneof(
      fc.nat({ max: 0xffffffff }),
      // loads, stores and arithmetic near valid addresses, window instructions and traps
      fc
        .tuple(fc.constantFrom(0xc0000000, 0x80000000), fc.nat({ max: 0x3fffffff }))
        .map(([op, rest]) => (op | rest) >>> 0),
      fc.constantFrom(0x9de3bf50, 0x81e80000, 0x81c7e008, 0x91d0206d, 0x91d0206e, 0x91d0206f, 0x91d02005, 0x81580000),
    )
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 2 }), (words, cpus) => {
        survives(words, { cpus })
      }),
      { numRuns: 200 },
    )
  })

  it('by stack pointers that lead nowhere', () => {
    for (const sp of [
      0n,
      1n,
      2047n,
      DATA,
      DATA - 2047n,
      TEXT - 2047n,
      1n << 44n,
      (1n << 63n) - 2047n,
      (1n << 64n) - 1n,
    ])
      for (const body of ['save %sp, -176, %sp\n'.repeat(9), 'restore\n', 'flushw\n', 'ta 0x6e\n', 'ta 0x6f\n'])
        survives(
          wordsOf(`setx ${sp}, %g1, %sp\nset ${DATA}, %o0\n${body}\nmov 101, %g1\nta 0x6d\nmov 188, %g1\nta 0x6d\n`),
        )
  })
})
