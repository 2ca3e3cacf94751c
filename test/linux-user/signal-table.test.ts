import { describe, expect, it } from 'vitest'
import { SIG_BLOCK, SIG_IGN, SIG_SETMASK, SIG_UNBLOCK, SIGNAL } from '../../src/linux-user/constants'
import {
  addPending,
  changeMask,
  defaultActions,
  disposition,
  hasDeliverable,
  onStack,
  type PendingSignal,
  pendingMask,
  signalBit,
  takePending,
} from '../../src/linux-user/signal-table'

const pending = (signal: number, value = 0n): PendingSignal => ({ signal, code: 0, pid: 1, uid: 0, address: 0n, value })

describe('pending signals', () => {
  it('are taken fault first, then by number, and only when not blocked', () => {
    const list = [SIGNAL.SIGUSR1, SIGNAL.SIGINT, SIGNAL.SIGSEGV, 40].map((signal) => pending(signal))
    expect(pendingMask(list)).toBe(signalBit(30) | signalBit(2) | signalBit(11) | signalBit(40))
    expect(takePending(list, signalBit(SIGNAL.SIGSEGV))?.signal).toBe(SIGNAL.SIGINT)
    expect(takePending(list, 0n)?.signal).toBe(SIGNAL.SIGSEGV)
    expect(hasDeliverable(list, signalBit(30) | signalBit(40))).toBe(false)
    expect(takePending(list, signalBit(30) | signalBit(40))).toBeUndefined()
    expect(takePending(list, 0n)?.signal).toBe(SIGNAL.SIGUSR1)
  })

  it('below 32 are kept once, real-time ones queue in order', () => {
    const list: PendingSignal[] = []
    for (const signal of [30, 30, 34, 34]) addPending(list, pending(signal, BigInt(list.length)))
    expect(list.map(({ signal, value }) => [signal, value])).toEqual([
      [30, 0n],
      [34, 1n],
      [34, 2n],
    ])
    expect(takePending(list, signalBit(30))?.value).toBe(1n)
  })
})

describe('what a signal does', () => {
  it('by default', () => {
    const actions = defaultActions()
    const ignored = [1, 9, 11, 15, 16, 17, 18, 19, 20, 28, 30, 64].filter((s) => disposition(actions, s) === 'ignore')
    expect(ignored).toEqual([16, 17, 18, 19, 20, 28])
  })

  it('when it is handled or ignored', () => {
    const actions = defaultActions()
    actions[30].handler = 0x1234n
    actions[15].handler = SIG_IGN
    expect(disposition(actions, 30)).toBe('handle')
    expect(disposition(actions, 15)).toBe('ignore')
  })
})

describe('the blocked set', () => {
  it('changes as SPARC numbers the ways', () => {
    expect(changeMask(0b1010n, SIG_BLOCK, 0b0110n)).toBe(0b1110n)
    expect(changeMask(0b1010n, SIG_UNBLOCK, 0b0110n)).toBe(0b1000n)
    expect(changeMask(0b1010n, SIG_SETMASK, 0b0110n)).toBe(0b0110n)
    expect([0, 3, 5].map((how) => changeMask(0n, how, 1n))).toEqual([undefined, undefined, undefined])
  })

  it('never holds SIGKILL and SIGSTOP', () => {
    const all = (1n << 64n) - 1n
    const expected = all & ~signalBit(SIGNAL.SIGKILL) & ~signalBit(SIGNAL.SIGSTOP)
    expect(changeMask(0n, SIG_SETMASK, all)).toBe(expected)
    expect(changeMask(0n, SIG_BLOCK, all)).toBe(expected)
  })
})

it('a stack pointer is on the alternate stack from just above its base up to its end', () => {
  const stack = { base: 0x1000n, size: 0x100n, flags: 0 }
  expect([0x1000n, 0x1001n, 0x1100n, 0x1101n].map((sp) => onStack(stack, sp))).toEqual([false, true, true, false])
  expect(onStack({ base: 0n, size: 0n, flags: 2 }, 5n)).toBe(false)
})
