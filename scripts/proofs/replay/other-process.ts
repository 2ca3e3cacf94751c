import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Elsewhere, runOf } from './runs'

interface Order {
  readonly seed: number
  readonly number: number
}

const THIS_FILE = fileURLToPath(import.meta.url)

/** A process that makes runs and tells their hashes; `close` ends it. */
export function otherProcess(): { readonly elsewhere: Elsewhere; readonly close: () => void } {
  const child = fork(THIS_FILE, ['serve'], { execArgv: ['--import', 'tsx'], serialization: 'advanced' })
  const elsewhere: Elsewhere = (seed, number) =>
    new Promise((resolve, reject) => {
      const settle = (): void => void child.off('message', told).off('exit', ended)
      const told = (hashes: readonly bigint[]): void => {
        settle()
        resolve(hashes)
      }
      const ended = (code: number | null, signal: string | null): void => {
        settle()
        reject(new Error(`the other process ended in run ${number} of seed ${seed}: ${signal ?? code}`))
      }
      child.on('message', told).on('exit', ended)
      child.send({ seed, number } satisfies Order)
    })
  return { elsewhere, close: () => child.disconnect() }
}

if (process.argv[2] === 'serve' && process.argv[1] === THIS_FILE) {
  process.on('message', ({ number, seed }: Order) => process.send!(runOf(seed, number).make().hashes))
}
