import { step, store, WAIT, Yieldable } from './operation'

/** Takes a lock word: blocks, rather than spins, while it is not 0. */
export function spin_lock(pa: bigint): Yieldable<void> {
  return new Yieldable<void>({
    kind: 'step',
    name: `spin_lock 0x${pa.toString(16)}`,
    visible: true,
    perform: ({ machine }) => {
      if (machine.memory.load(Number(pa), 8) !== 0n) return WAIT
      machine.memory.store(Number(pa), 8, 1n)
      return undefined
    },
    ready: ({ machine }) => machine.memory.peek(Number(pa), 8) === 0n,
  })
}

export const spin_unlock = (pa: bigint) => store(pa, 0n)

/** Whether the lock was free and is now taken. */
export const spin_trylock = (pa: bigint) =>
  step(`spin_trylock 0x${pa.toString(16)}`, true, ({ machine }) => {
    if (machine.memory.load(Number(pa), 8) !== 0n) return false
    machine.memory.store(Number(pa), 8, 1n)
    return true
  })
