import { describe, expect, it } from 'vitest'
import { runProgram } from '../../src/linux-user'
import { guestElf } from './guest'

/** clock_gettime(CLOCK_REALTIME), system call 257, and its seconds to stdout. */
const SECONDS = `
        clr     %o0
        set     data, %o1
        system  257
        mov     1, %o0
        set     data, %o1
        mov     8, %o2
        system  4
        clr     %o0
        system  188`

function seconds(startTime?: bigint): bigint {
  const out: number[] = []
  runProgram({
    elf: guestElf(SECONDS),
    ramBytes: 32 << 20,
    ...(startTime === undefined ? {} : { startTime }),
    onStdout: (bytes) => out.push(...bytes),
  })
  return out.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
}

describe('the time of day in a program', () => {
  it('begins where the host says, whenever the run is made', () => {
    expect(seconds(12_345_000_000_000n)).toBe(12_345n)
  })

  it('begins with 2020 otherwise', () => {
    expect(new Date(Number(seconds()) * 1000).toISOString()).toBe('2020-01-01T00:00:00.000Z')
  })
})
