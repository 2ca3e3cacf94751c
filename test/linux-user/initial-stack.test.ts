import { describe, expect, it } from 'vitest'
import { buildInitialStack } from '../../src/linux-user/initial-stack'

const TOP = 0x7ff00000000n
const input = {
  args: ['program', '', 'größe'],
  environment: ['HOME=/', 'EMPTY='],
  entry: 0x100a60n,
  programHeaders: { va: 0x100040n, count: 6, entryBytes: 56 },
  random: Uint8Array.from({ length: 16 }, (_, i) => 0xf0 + i),
  top: TOP,
}

describe('the stack of a new program', () => {
  const stack = buildInitialStack(input)
  const view = new DataView(stack.bytes.buffer)
  const word = (va: bigint) => view.getBigUint64(Number(va - stack.address))
  const text = (va: bigint) => {
    const from = Number(va - stack.address)
    return new TextDecoder().decode(stack.bytes.subarray(from, stack.bytes.indexOf(0, from)))
  }
  const vector = (va: bigint) => {
    const values: bigint[] = []
    for (let at = va; word(at) !== 0n; at += 8n) values.push(word(at))
    return values
  }
  const argc = stack.stackPointer + 2047n + 128n

  it('ends at the top and starts 16-byte aligned with room for a window', () => {
    expect(stack.address + BigInt(stack.bytes.length)).toBe(TOP)
    expect(stack.address % 16n).toBe(0n)
    expect(stack.stackPointer).toBe(stack.address - 2047n)
    expect(stack.bytes.subarray(0, 128).every((byte) => byte === 0)).toBe(true)
  })

  it('holds arguments and environment', () => {
    expect(word(argc)).toBe(3n)
    const args = vector(argc + 8n)
    expect(args.map(text)).toEqual(input.args)
    expect(vector(argc + 8n * 5n).map(text)).toEqual(input.environment)
  })

  it('holds the auxiliary vector', () => {
    const values = new Map<bigint, bigint>()
    for (let at = argc + 8n * 8n; word(at) !== 0n; at += 16n) values.set(word(at), word(at + 8n))
    expect([3n, 4n, 5n, 6n, 9n, 16n, 17n].map((type) => values.get(type))).toEqual([
      0x100040n,
      56n,
      6n,
      8192n,
      0x100a60n,
      0x1fn,
      100n,
    ])
    const random = Number((values.get(25n) ?? 0n) - stack.address)
    expect([...stack.bytes.subarray(random, random + 16)]).toEqual([...input.random])
    expect(text(values.get(31n) ?? 0n)).toBe('program')
    expect(text(values.get(15n) ?? 0n)).toBe('sparc64')
  })

  it('works without arguments', () => {
    const empty = buildInitialStack({ ...input, args: [], environment: [] })
    const words = new DataView(empty.bytes.buffer)
    expect(words.getBigUint64(128)).toBe(0n)
    expect(words.getBigUint64(128 + 8)).toBe(0n)
    expect(words.getBigUint64(128 + 16)).toBe(0n)
    expect(words.getBigUint64(128 + 24)).toBe(16n)
  })
})
