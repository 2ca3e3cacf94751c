import { step, store, WAIT, Yieldable } from './operation'
import { loadWord, peekWord, storeWord } from './words'

/** Takes a lock word: blocks, rather than spins, while it is not 0. */
export function spin_lock(pa: bigint): Yieldable<void> {
  return new Yieldable<void>({
    kind: 'step',
    name: `spin_lock 0x${pa.toString(16)}`,
    visible: true,
    perform: ({ memory }) => {
      if (loadWord(memory, pa) !== 0n) return WAIT
      storeWord(memory, pa, 1n)
      return undefined
    },
    ready: ({ memory }) => peekWord(memory, pa) === 0n,
  })
}

export const spin_unlock = (pa: bigint) => store(pa, 0n)

/** Whether the lock was free and is now taken. */
export const spin_trylock = (pa: bigint) =>
  step(`spin_trylock 0x${pa.toString(16)}`, true, ({ memory }) => {
    if (loadWord(memory, pa) !== 0n) return false
    storeWord(memory, pa, 1n)
    return true
  })
