import { type Body, type Operation, type OperationContext, takeNotYielded, Yieldable } from './operation'
import type { Frame, Plain } from './plain-data'

/** A shim function that breaks the rules: not registered, registered twice, called and not yielded, too long. */
export class ShimError extends Error {
  override readonly name = 'ShimError'
}

// biome-ignore lint/suspicious/noExplicitAny: the registry holds functions of all signatures
type AnyBody = (...args: any[]) => Body<unknown>

const functions = new Map<string, AnyBody>()
/** A loop that runs longer makes each iteration a function of its own, so that a frame can be rebuilt quickly. */
const MOST_RESULTS = 4096

/**
 * Registers a shim function. The function it gives is called as `yield* name(...)`; each call is a frame.
 * @throws ShimError if the name is taken
 */
export function shim<Args extends readonly unknown[], T>(
  name: string,
  body: (...args: Args) => Body<T>,
): (...args: Args) => Yieldable<T> {
  if (functions.has(name)) throw new ShimError(`a shim function is already named ${name}`)
  functions.set(name, body as unknown as AnyBody)
  return (...args) => new Yieldable<T>({ kind: 'call', name, args: args as unknown as Plain[] })
}

/** Whether a shim function of this name exists. */
export function isShim(name: string): boolean {
  return functions.has(name)
}

export function frameOf(name: string, args: readonly Plain[]): Frame {
  if (!functions.has(name)) throw new ShimError(`no shim function is named ${name}`)
  return { function: name, args, results: [] }
}

interface Live {
  readonly generator: Body<unknown>
  pending: Operation | undefined
  returned: unknown
}

const live = new WeakMap<Frame, Live>()

/** The step that a stack of frames is to perform next; undefined once all have returned. Performs calls and notes on the way. */
export function nextStep(stack: Frame[], cx: OperationContext): (Operation & { kind: 'step' }) | undefined {
  while (stack.length > 0) {
    const frame = stack[stack.length - 1]!
    const state = live.get(frame) ?? rebuild(frame)
    const { pending } = state
    if (pending === undefined) {
      stack.pop()
      const caller = stack[stack.length - 1]
      if (caller !== undefined) resume(caller, state.returned)
      continue
    }
    if (pending.kind === 'step') return pending
    if (pending.kind === 'note') resume(frame, pending.perform(cx))
    else stack.push(frameOf(pending.name, pending.args))
  }
  return undefined
}

/** The step that is pending, without performing anything; undefined if the top frame is about to call, note or return. */
export function peekStep(stack: readonly Frame[]): (Operation & { kind: 'step' }) | undefined {
  const frame = stack[stack.length - 1]
  if (frame === undefined) return undefined
  const { pending } = live.get(frame) ?? rebuild(frame)
  return pending?.kind === 'step' ? pending : undefined
}

/** Gives the top frame the result of the operation that it waits for. */
export function resume(frame: Frame, result: unknown): void {
  const state = live.get(frame) ?? rebuild(frame)
  if (frame.results.length >= MOST_RESULTS)
    throw new ShimError(
      `${frame.function} performed ${MOST_RESULTS} operations: make each iteration of its loop a shim function`,
    )
  frame.results.push(result as Plain)
  advance(frame, state, result)
}

function rebuild(frame: Frame): Live {
  const body = functions.get(frame.function)
  if (body === undefined) throw new ShimError(`no shim function is named ${frame.function}`)
  const state: Live = { generator: body(...frame.args), pending: undefined, returned: undefined }
  live.set(frame, state)
  advance(frame, state, undefined)
  for (const result of frame.results) advance(frame, state, result)
  return state
}

function advance(frame: Frame, state: Live, result: unknown): void {
  takeNotYielded()
  const { done, value } = state.generator.next(result)
  state.pending = done ? undefined : (value as Operation)
  if (done) state.returned = value
  const forgotten = takeNotYielded()
  if (forgotten !== undefined) throw new ShimError(`${frame.function} called ${forgotten} without yield*`)
}
