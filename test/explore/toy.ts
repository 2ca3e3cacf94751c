import type { Explorable, StepNote } from '../../src/explore/explorable'
import { Hash64 } from '../../src/state/hash'

/** One atomic micro-operation of a toy CPU. `done` false: it waits, and nothing was changed. */
export interface ToyContext {
  readonly shared: Record<string, number>
  readonly own: Record<string, number>
}
export interface ToyOperation {
  readonly text: string
  /** The next operation's index, 'next', or 'wait'. */
  perform(cx: ToyContext): number | 'next' | 'wait' | 'end'
}
export type ToyProgram = readonly ToyOperation[]

interface ToyState {
  readonly shared: Record<string, number>
  readonly own: readonly Record<string, number>[]
  readonly at: readonly number[]
  readonly violation: { kind: string } | undefined
}

/** A few CPUs, each with a program of atomic operations on shared variables: the smallest thing that can be searched. */
export class Toy implements Explorable<ToyState, { kind: string }> {
  private state: ToyState

  constructor(
    private readonly programs: readonly ToyProgram[],
    shared: Record<string, number>,
    private readonly judge: (cx: ToyContext, cpu: number) => string | undefined = () => undefined,
  ) {
    this.state = { shared, own: programs.map(() => ({})), at: programs.map(() => 0), violation: undefined }
  }

  runnable(): readonly number[] {
    const { shared, own, at } = this.state
    return this.programs.flatMap((program, cpu) => {
      const operation = program[at[cpu]!]
      if (operation === undefined) return []
      const cx = { shared: { ...shared }, own: { ...own[cpu]! } }
      return operation.perform(cx) === 'wait' ? [] : [cpu]
    })
  }

  step(cpu: number): void {
    const { shared, own, at } = this.state
    const operation = this.programs[cpu]![at[cpu]!]
    if (operation === undefined) throw new Error(`CPU ${cpu} cannot step`)
    const cx = { shared: { ...shared }, own: { ...own[cpu]! } }
    const next = operation.perform(cx)
    if (next === 'wait') throw new Error(`CPU ${cpu} waits`)
    const position = next === 'next' ? at[cpu]! + 1 : next === 'end' ? this.programs[cpu]!.length : next
    const kind = this.judge(cx, cpu)
    this.state = {
      shared: cx.shared,
      own: own.map((old, index) => (index === cpu ? cx.own : old)),
      at: at.map((old, index) => (index === cpu ? position : old)),
      violation: this.state.violation ?? (kind === undefined ? undefined : { kind }),
    }
  }

  save(): ToyState {
    return this.state
  }
  restore(state: ToyState): void {
    this.state = state
  }
  key(): bigint {
    return new Hash64().data(this.state).digest()
  }
  replayHash(): bigint {
    return this.key()
  }
  violation() {
    return this.state.violation
  }
  finished(): boolean {
    return this.state.at.every((at, cpu) => at >= this.programs[cpu]!.length)
  }
  describeStep(cpu: number): readonly StepNote[] {
    return [{ cpu, text: `at ${this.state.at[cpu]}` }]
  }
}

type Perform = ToyOperation['perform']
export const op = (text: string, perform: Perform): ToyOperation => ({ text, perform })
/** An operation that goes on to the next. */
export const act = (text: string, perform: (cx: ToyContext) => void): ToyOperation => ({
  text,
  perform: (cx) => {
    perform(cx)
    return 'next'
  },
})
