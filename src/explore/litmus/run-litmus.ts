import type { MemoryModel } from '../../smp'
import { LitmusMachine } from './litmus-machine'
import { LitmusError, type LitmusTest, litmusNamed } from './litmus-test'

export interface LitmusOptions {
  /** Default 'tso'. */
  readonly memoryModel?: MemoryModel
  /** Default 8. */
  readonly storeBufferEntries?: number
  /** Distinct states after which the search gives up; default 1,000,000. */
  readonly maxStates?: number
}

/** Plain data: prints as JSON. */
export interface LitmusResult {
  readonly name: string
  readonly memoryModel: MemoryModel
  readonly cpus: number
  /** Every outcome that some schedule has: values by observed name, in hexadecimal if above 9; sorted. */
  readonly outcomes: readonly Readonly<Record<string, string>>[]
  /** Whether one of them is the outcome that the test is about. */
  readonly weakReachable: boolean
  readonly states: number
}

const MOST_STATES = 1_000_000

/**
 * Executes a litmus test in every interleaving of memory accesses and drains of store buffers; equal states are merged.
 * @throws LitmusError for an unknown name, a thread that cannot be run, or more states than allowed; MachineError
 */
export function runLitmus(test: LitmusTest | string, options: LitmusOptions = {}): LitmusResult {
  const { memoryModel = 'tso', storeBufferEntries, maxStates = MOST_STATES } = options
  const chosen = typeof test === 'string' ? litmusNamed(test) : test
  const litmus = new LitmusMachine(chosen, { memoryModel, storeBufferEntries })
  const visited = new Set<bigint>([litmus.key()])
  const outcomes = new Map<string, Record<string, bigint>>()
  const open = [litmus.save()]
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    litmus.restore(state)
    const moves = [
      ...litmus.runnable().map((cpu) => () => litmus.step(cpu)),
      ...litmus.buffering().map((cpu) => () => litmus.drain(cpu)),
    ]
    if (moves.length === 0) {
      const outcome = litmus.outcome()
      outcomes.set(Object.values(outcome).join(' '), outcome)
    }
    for (const move of moves) {
      litmus.restore(state)
      move()
      const key = litmus.key()
      if (visited.has(key)) continue
      if (visited.size >= maxStates) throw new LitmusError(`${chosen.name}: more than ${maxStates} states`)
      visited.add(key)
      open.push(litmus.save())
    }
  }
  const all = [...outcomes.values()].sort(byValues)
  return {
    name: chosen.name,
    memoryModel,
    cpus: chosen.threads.length,
    outcomes: all.map((outcome) =>
      Object.fromEntries(Object.entries(outcome).map(([n, value]) => [n, printed(value)])),
    ),
    weakReachable: all.some((outcome) => Object.entries(chosen.weak).every(([name, value]) => outcome[name] === value)),
    states: visited.size,
  }
}

function byValues(a: Record<string, bigint>, b: Record<string, bigint>): number {
  for (const name in a) if (a[name] !== b[name]) return a[name]! < b[name]! ? -1 : 1
  return 0
}

function printed(value: bigint): string {
  return value > 9n ? `0x${value.toString(16)}` : `${value}`
}
