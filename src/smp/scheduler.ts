/** `instructions` on one CPU. */
export interface RunTurn {
  readonly cpu: number
  readonly instructions: number
}

/** At most `stores` of what a CPU has in its store buffer become visible to the others. */
export interface DrainTurn {
  readonly cpu: number
  readonly stores: number
}

export type Turn = RunTurn | DrainTurn

export function isDrain(turn: Turn): turn is DrainTurn {
  return 'stores' in turn
}

const ALL_STORES = Number.MAX_SAFE_INTEGER

/**
 * Who runs next. A scheduler is deterministic: its choices depend on its own state and on what it is told, and its state is
 * plain data that goes into snapshots.
 */
export interface Scheduler {
  /**
   * Chooses among the CPUs that can run and, with total store order, those that have stores in their buffers: `buffering`. Both
   * ascend, and not both are empty.
   */
  next(runnable: readonly number[], buffering: readonly number[]): Turn
  save(): unknown
  restore(state: unknown): void
}

/** A schedule that asks for what cannot be: a CPU that does not run, or more turns than were recorded. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError'
}

/** Each CPU in turn, `quantum` instructions each; what it has stored is visible when its turn ends. */
export class RoundRobin implements Scheduler {
  /** The CPU whose turn is next, if it can run. */
  private first = 0

  /** @throws RangeError unless `quantum` is a positive integer. */
  constructor(readonly quantum = 1000) {
    requireQuantum(quantum)
  }

  next(runnable: readonly number[], buffering: readonly number[] = []): Turn {
    if (buffering.length > 0) return { cpu: buffering[0]!, stores: ALL_STORES }
    const cpu = runnable.find((candidate) => candidate >= this.first) ?? runnable[0]!
    this.first = cpu + 1
    return { cpu, instructions: this.quantum }
  }

  save(): unknown {
    return this.first
  }

  restore(state: unknown): void {
    this.first = state as number
  }
}

/**
 * A random CPU for a random number of instructions, 1 to twice the quantum less 1, from a seed (xorshift128). While stores are
 * buffered, every other turn lets some of a random CPU's drain.
 */
export class SeededRandom implements Scheduler {
  private state: [number, number, number, number]

  constructor(
    seed: number | bigint,
    readonly quantum = 1000,
  ) {
    requireQuantum(quantum)
    this.state = seedWords(BigInt(seed))
  }

  next(runnable: readonly number[], buffering: readonly number[] = []): Turn {
    if (buffering.length > 0 && (runnable.length === 0 || this.draw() & 1)) {
      const cpu = buffering[this.draw() % buffering.length]!
      return { cpu, stores: 1 + (this.draw() % MOST_DRAINED) }
    }
    const cpu = runnable[this.draw() % runnable.length]!
    return { cpu, instructions: 1 + (this.draw() % (2 * this.quantum - 1)) }
  }

  private draw(): number {
    const [x, y, z, w] = this.state
    const t = x ^ (x << 11)
    const next = w ^ (w >>> 19) ^ t ^ (t >>> 8)
    this.state = [y, z, w, next]
    return next >>> 0
  }

  save(): unknown {
    return [...this.state]
  }

  restore(state: unknown): void {
    this.state = [...(state as [number, number, number, number])]
  }
}

const MOST_DRAINED = 4

/** Plays back turns that were recorded, then fails. */
export class Recorded implements Scheduler {
  private position = 0

  constructor(private readonly turns: readonly Turn[]) {}

  next(runnable: readonly number[], buffering: readonly number[] = []): Turn {
    const turn = this.turns[this.position]
    if (turn === undefined) throw new ScheduleError(`the recorded schedule ends after ${this.turns.length} turns`)
    if (isDrain(turn)) {
      if (!buffering.includes(turn.cpu))
        throw new ScheduleError(`turn ${this.position} drains CPU ${turn.cpu}, which has nothing buffered`)
    } else if (!runnable.includes(turn.cpu))
      throw new ScheduleError(`turn ${this.position} is CPU ${turn.cpu}'s, but only ${runnable.join(', ')} can run`)
    this.position++
    return turn
  }

  save(): unknown {
    return this.position
  }

  restore(state: unknown): void {
    this.position = state as number
  }
}

/** Records what another scheduler chooses. */
export class Recorder implements Scheduler {
  readonly turns: Turn[] = []

  constructor(private readonly inner: Scheduler) {}

  next(runnable: readonly number[], buffering: readonly number[] = []): Turn {
    const turn = this.inner.next(runnable, buffering)
    this.turns.push(turn)
    return turn
  }

  save(): unknown {
    return { inner: this.inner.save(), turns: this.turns.map((turn) => ({ ...turn })) }
  }

  restore(state: unknown): void {
    const { inner, turns } = state as { inner: unknown; turns: Turn[] }
    this.inner.restore(inner)
    this.turns.splice(0, this.turns.length, ...turns)
  }
}

function requireQuantum(quantum: number): void {
  if (!Number.isSafeInteger(quantum) || quantum < 1)
    throw new RangeError(`quantum: expected a positive number of instructions, got ${quantum}`)
}

/** splitmix64, so that near seeds give unlike sequences and no state is all zero. */
function seedWords(seed: bigint): [number, number, number, number] {
  let state = seed
  const draw = (): bigint => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n)
    let z = state
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n)
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn)
    return z ^ (z >> 31n)
  }
  const a = draw()
  const b = draw() | 1n
  const low = (value: bigint) => Number(value & 0xffffffffn) | 0
  return [low(a), low(a >> 32n), low(b), low(b >> 32n)]
}
