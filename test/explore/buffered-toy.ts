import type { Explorable } from '../../src/explore/explorable'
import { Hash64 } from '../../src/state/hash'

/** One visible operation of a CPU of {@link BufferedToy}. A `wait` blocks until the variable is not zero. */
export type BufferedOperation =
  | { readonly kind: 'store'; readonly variable: string; readonly value: number }
  | { readonly kind: 'load' | 'wait' | 'swap'; readonly variable: string }
  | { readonly kind: 'barrier' }

interface State {
  readonly shared: Readonly<Record<string, number>>
  readonly buffers: readonly (readonly (readonly [string, number])[])[]
  readonly loaded: readonly (readonly number[])[]
  readonly at: readonly number[]
}

/**
 * A few CPUs with store buffers, small enough to execute every schedule. When all have ended that is a violation, named by what they
 * loaded: a search that goes on after violations finds every outcome.
 */
export class BufferedToy implements Explorable<State, { kind: string }> {
  private state: State
  private readonly lastMet = new Set<number>()

  constructor(private readonly programs: readonly (readonly BufferedOperation[])[]) {
    const none = programs.map(() => [])
    this.state = { shared: {}, buffers: none, loaded: none, at: programs.map(() => 0) }
  }

  private operation(cpu: number): BufferedOperation | undefined {
    return this.programs[cpu]![this.state.at[cpu]!]
  }

  private value(cpu: number, variable: string): number {
    const own = this.state.buffers[cpu]!.filter(([name]) => name === variable)
    return own.at(-1)?.[1] ?? this.state.shared[variable] ?? 0
  }

  private holders(cpu: number, variable: string): number[] {
    return this.buffering().filter((c) => c !== cpu && this.state.buffers[c]!.some(([name]) => name === variable))
  }

  runnable(): readonly number[] {
    return this.programs.flatMap((_, cpu) => {
      const operation = this.operation(cpu)
      if (operation === undefined) return []
      return operation.kind === 'wait' && this.value(cpu, operation.variable) === 0 ? [] : [cpu]
    })
  }

  buffering(): readonly number[] {
    return this.state.buffers.flatMap((buffer, cpu) => (buffer.length > 0 ? [cpu] : []))
  }

  heldUp(): readonly { cpu: number; by: number }[] {
    const runnable = this.runnable()
    return this.programs.flatMap((_, cpu) => {
      const operation = this.operation(cpu)
      if (operation?.kind !== 'wait' || runnable.includes(cpu)) return []
      return this.holders(cpu, operation.variable).map((by) => ({ cpu, by }))
    })
  }

  met(): readonly number[] {
    return [...this.lastMet]
  }

  drain(cpu: number): void {
    this.lastMet.clear()
    this.commit(cpu)
  }

  private commit(cpu: number): void {
    const [oldest, ...rest] = this.state.buffers[cpu]!
    if (oldest === undefined) throw new Error(`CPU ${cpu} has nothing buffered`)
    for (const other of this.holders(cpu, oldest[0])) this.lastMet.add(other)
    this.state = {
      ...this.state,
      shared: { ...this.state.shared, [oldest[0]]: oldest[1] },
      buffers: this.state.buffers.map((buffer, c) => (c === cpu ? rest : buffer)),
    }
  }

  step(cpu: number): void {
    const operation = this.operation(cpu)
    if (operation === undefined || !this.runnable().includes(cpu)) throw new Error(`CPU ${cpu} cannot step`)
    this.lastMet.clear()
    if (operation.kind === 'barrier' || operation.kind === 'swap')
      while (this.state.buffers[cpu]!.length > 0) this.commit(cpu)
    const { state } = this
    const change = <T>(list: readonly T[], value: T) => list.map((old, c) => (c === cpu ? value : old))
    let { shared, buffers, loaded } = state
    if (operation.kind === 'store')
      buffers = change(buffers, [...buffers[cpu]!, [operation.variable, operation.value] as const])
    else if (operation.kind !== 'barrier') {
      for (const other of this.holders(cpu, operation.variable)) this.lastMet.add(other)
      loaded = change(loaded, [...loaded[cpu]!, this.value(cpu, operation.variable)])
      if (operation.kind === 'swap') shared = { ...shared, [operation.variable]: 9 }
    }
    this.state = { shared, buffers, loaded, at: change(state.at, state.at[cpu]! + 1) }
  }

  violation(): { kind: string } | undefined {
    return this.finished() ? { kind: JSON.stringify(this.state.loaded) } : undefined
  }

  finished(): boolean {
    return this.programs.every((program, cpu) => this.state.at[cpu] === program.length)
  }

  waiting(): readonly number[] {
    return this.programs.flatMap((_, cpu) => (this.operation(cpu) === undefined ? [] : [cpu]))
  }

  save(): State {
    return this.state
  }

  restore(state: State): void {
    this.state = state
  }

  key(): bigint {
    return new Hash64().data(this.state).digest()
  }

  replayHash(): bigint {
    return this.key()
  }
}
