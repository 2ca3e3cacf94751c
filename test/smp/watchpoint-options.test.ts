import { describe, expect, it } from 'vitest'
import { Machine, MachineError } from '../../src/smp'
import { U64Error } from '../../src/u64'

const END = 1n << 64n

const machine = new Machine({ ramBytes: 8192 })

function added(options: object) {
  const watchpoint = machine.addWatchpoint(options as Parameters<Machine['addWatchpoint']>[0])
  expect(machine.watchpoints).toEqual([watchpoint])
  machine.removeWatchpoint(watchpoint)
  return watchpoint
}

describe('a watchpoint', () => {
  it('is 8 bytes, loaded or stored, if nothing else is said', () => {
    expect(added({ space: 'virtual', address: 0x1000 })).toEqual({
      space: 'virtual',
      address: 0x1000n,
      length: 8n,
      access: 'any',
    })
  })

  it.each(['virtual', 'physical'] as const)('is in %s space, for loads, stores or both, of any length', (space) => {
    for (const access of ['load', 'store', 'any'] as const)
      for (const length of [1n, 2n, 100n, 1n << 40n])
        expect(added({ space, address: 4, length, access })).toEqual({ space, address: 4n, length, access })
  })

  it('may end where the address space ends, not beyond', () => {
    for (const length of [1n, 2n, 8n, 1n << 63n, END - 1n]) {
      expect(added({ space: 'virtual', address: END - length, length })).toMatchObject({ length })
      const [address, beyond] = [END - length + 1n, length]
      if (address === END) continue
      expect(() => added({ space: 'virtual', address, length: beyond })).toThrow(MachineError)
      expect(() => added({ space: 'virtual', address, length: beyond })).toThrow(
        `length: expected 1 to ${length - 1n} at 0x${address.toString(16)}, got ${length}`,
      )
    }
    expect(added({ space: 'virtual', address: END - 8n })).toMatchObject({ length: 8n })
    expect(() => added({ space: 'virtual', address: END - 7n })).toThrow(MachineError)
  })

  it.each([
    [{ space: 'virtual', address: 0, length: 0 }, `length: expected 1 to ${END} at 0x0, got 0`],
    [{ space: 'logical', address: 0 }, 'space: expected virtual or physical, got logical'],
    [{ address: 0 }, 'space: expected virtual or physical, got undefined'],
    [{ space: 'physical', address: 0, access: 'fetch' }, 'access: expected load, store or any, got fetch'],
  ])('%o is refused', (options, message) => {
    expect(() => added(options)).toThrow(new MachineError(message))
  })

  it('needs an address and a length of 64 bits', () => {
    expect(() => added({ space: 'virtual', address: -1 })).toThrow(U64Error)
    expect(() => added({ space: 'virtual', address: -1 })).toThrow(/^address/)
    expect(() => added({ space: 'virtual', address: 0, length: 1.5 })).toThrow(/^length/)
  })

  it('does not change afterwards', () => {
    const watchpoint = added({ space: 'virtual', address: 0 }) as { length: bigint }
    expect(() => {
      watchpoint.length = 1n
    }).toThrow(TypeError)
  })
})
