/**
 * The axioms of TSO (V9 appendix D; as arXiv 1906.11203 writes them down), brute force: every order of memory that they allow, and the
 * values that it gives. Written without a look at the emulator: no store buffer, no steps.
 *
 * - LoadOp: a load comes before everything that follows it in its program.
 * - StoreStore: stores of a program come in its order.
 * - Membar #StoreLoad: stores before it come before loads after it.
 * - Atomicity: an atomic is one place in the order, as a load and as a store.
 * - Value: a byte is that of the last store, in the order, among those before the load in the order or in its program.
 */

export interface Access {
  readonly kind: 'load' | 'store' | 'swap' | 'cas' | 'ldstub'
  readonly address: number
  readonly size: 1 | 2 | 4 | 8
  /** What is stored: a number, or the value of a register that an earlier instruction gave. */
  readonly value?: bigint
  /** Stored by `cas` if this is found. */
  readonly expected?: bigint
  /** Register that gets what is loaded. */
  readonly register?: string
}

export interface Membar {
  readonly kind: 'membar'
  /** Orders earlier stores before later loads. */
  readonly storeLoad: boolean
}

export type Instruction = Access | Membar
export type Program = readonly (readonly Instruction[])[]
export type Memory = ReadonlyMap<number, number>
export type Model = 'sc' | 'tso'

interface Event extends Access {
  readonly thread: number
  readonly index: number
}

const loads = (access: Access) => access.kind !== 'store'
const stores = (access: Access) => access.kind !== 'load'

/** Calls `visit` with the registers and the memory of every execution that the axioms allow. */
export function executions(
  program: Program,
  first: Memory,
  model: Model,
  visit: (registers: ReadonlyMap<string, bigint>, memory: Memory) => void,
): void {
  const threads = program.map((instructions, thread) =>
    instructions.flatMap((instruction, index): Event[] =>
      instruction.kind === 'membar' ? [] : [{ ...instruction, thread, index }],
    ),
  )
  const precedes = (a: Event, b: Event) => {
    if (a.thread !== b.thread || a.index >= b.index) return false
    if (model === 'sc' || loads(a)) return true
    if (stores(b)) return true
    const between = program[a.thread]!.slice(a.index + 1, b.index)
    return between.some((instruction) => instruction.kind === 'membar' && instruction.storeLoad)
  }
  const all = threads.flat()
  const order: Event[] = []
  const extend = (rest: readonly Event[]) => {
    if (rest.length === 0) evaluate(order, first, visit)
    for (const event of rest) {
      if (rest.some((other) => precedes(other, event))) continue
      order.push(event)
      extend(rest.filter((other) => other !== event))
      order.pop()
    }
  }
  extend(all)
}

function evaluate(
  order: readonly Event[],
  first: Memory,
  visit: (registers: ReadonlyMap<string, bigint>, memory: Memory) => void,
): void {
  const registers = new Map<string, bigint>()
  /** What each store of the order stores; undefined for a `cas` that found something else. */
  const stored = new Map<Event, bigint | undefined>()
  for (const event of order) if (event.kind === 'store' || event.kind === 'swap') stored.set(event, event.value!)
  const byteAt = (address: number, candidates: readonly Event[]) => {
    for (let i = candidates.length - 1; i >= 0; i--) {
      const store = candidates[i]!
      const value = stored.get(store)
      const offset = address - store.address
      if (value !== undefined && offset >= 0 && offset < store.size)
        return Number((value >> BigInt(8 * (store.size - 1 - offset))) & 0xffn)
    }
    return first.get(address) ?? 0
  }
  order.forEach((event, place) => {
    if (!loads(event)) return
    const candidates = order.filter(
      (other, at) =>
        other !== event &&
        stores(other) &&
        (at < place || (other.thread === event.thread && other.index < event.index)),
    )
    let value = 0n
    for (let n = 0; n < event.size; n++) value = (value << 8n) | BigInt(byteAt(event.address + n, candidates))
    if (event.register !== undefined) registers.set(`${event.thread}:${event.register}`, value)
    if (event.kind === 'cas') stored.set(event, value === event.expected ? event.value! : undefined)
    if (event.kind === 'ldstub') stored.set(event, 0xffn)
  })
  const memory = new Map(first)
  for (const event of order) {
    const value = stored.get(event)
    if (!stores(event) || value === undefined) continue
    for (let n = 0; n < event.size; n++)
      memory.set(event.address + n, Number((value >> BigInt(8 * (event.size - 1 - n))) & 0xffn))
  }
  visit(registers, memory)
}

/** Big-endian value of `size` bytes. */
export function wordAt(memory: Memory, address: number, size: number): bigint {
  let value = 0n
  for (let n = 0; n < size; n++) value = (value << 8n) | BigInt(memory.get(address + n) ?? 0)
  return value
}
