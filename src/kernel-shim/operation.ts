import { ASI } from '../asi'
import type { ReferenceCpu } from '../engine/reference-cpu'
import type { CpuMemory } from '../engine/store-buffer'
import type { Machine } from '../smp/machine'
import { loadAsi, storeAsi } from './asi-device'
import type { KernelState } from './kernel-state'
import type { Plain } from './plain-data'

/** Returned by an operation that has to wait: nothing was done, the CPU is blocked until the answer changes. */
export const WAIT = Symbol('wait')
/** Returned by an operation whose memory access trapped: the CPU takes the trap and the operation is tried again. */
export const TRAPPED = Symbol('trapped')

/** The result of an operation that gave the CPU another thread's context. */
export const SWITCHED = Symbol('switched')
/** The result of an operation that stops the CPU for good. */
export const HALT = Symbol('halt')

/** What an operation may touch while it is performed. */
export interface OperationContext {
  readonly kernel: KernelState
  readonly machine: Machine
  readonly cpu: ReferenceCpu
  /** Physical memory as the CPU sees it. */
  readonly memory: CpuMemory
}

/**
 * What shim functions yield. A step is performed by one execution of the gate instruction; a note costs nothing and is
 * performed together with the step before it; a call pushes a frame.
 */
export type Operation =
  | {
      readonly kind: 'step'
      readonly name: string
      /** Other CPUs can tell whether it was performed: a scheduling point of searches. */
      readonly visible: boolean
      /**
       * With total store order: its stores wait in the CPU's store buffer, and earlier ones stay there. Any other step is ordered, as
       * code with an atomic, a `membar` or a `flush` instruction is: earlier stores become visible before it, its own with it.
       */
      readonly buffered?: boolean
      perform(cx: OperationContext): unknown
      /** False while {@link perform} would answer WAIT; without side effects. */
      ready?(cx: OperationContext): boolean
    }
  | { readonly kind: 'note'; readonly name: string; perform(cx: OperationContext): unknown }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Plain[] }

export type Step = Operation & { readonly kind: 'step' }

/** What a shim function's body is: it yields operations and is resumed with their results. */
// biome-ignore lint/suspicious/noExplicitAny: the type of what a generator is resumed with differs from yield to yield
export type Body<T> = Generator<Operation, T, any>

let notYielded: Yieldable<unknown> | undefined

/** One operation as `yield*` takes it. Making one without yielding it is an error that the executor finds. */
export class Yieldable<T> implements Iterable<Operation, T, unknown> {
  constructor(readonly operation: Operation) {
    notYielded ??= this
  }

  [Symbol.iterator](): Iterator<Operation, T, unknown> {
    if (notYielded === this) notYielded = undefined
    let asked = false
    return {
      next: (result: unknown) => {
        if (asked) return { done: true, value: result as T }
        asked = true
        return { done: false, value: this.operation }
      },
    }
  }
}

/** The name of an operation or call that was made and not yielded since the last question. */
export function takeNotYielded(): string | undefined {
  const name = notYielded?.operation.name
  notYielded = undefined
  return name
}

export function step<T>(
  name: string,
  visible: boolean,
  perform: (cx: OperationContext) => T | typeof WAIT | typeof TRAPPED,
): Yieldable<T> {
  return new Yieldable<T>({ kind: 'step', name, visible, perform })
}

/** A {@link step} of plain loads and stores, or of none: with total store order, stores wait in the store buffer. */
export function plainStep<T>(
  name: string,
  visible: boolean,
  perform: (cx: OperationContext) => T | typeof WAIT | typeof TRAPPED,
): Yieldable<T> {
  return new Yieldable<T>({ kind: 'step', name, visible, buffered: true, perform })
}

/** A zero-cost operation. */
export function note<T>(name: string, perform: (cx: OperationContext) => T): Yieldable<T> {
  return new Yieldable<T>({ kind: 'note', name, perform })
}

type Size = 1 | 2 | 4 | 8

const at = (pa: bigint) => `0x${pa.toString(16)}`

/** Loads from physical memory; unsigned. */
export function load(pa: bigint, size: Size = 8): Yieldable<bigint> {
  return plainStep(`load ${at(pa)}`, true, ({ memory }) => memory.load(Number(pa), size))
}

/** Like {@link load} of memory that only this CPU uses. */
export function loadPrivate(pa: bigint, size: Size = 8): Yieldable<bigint> {
  return plainStep(`load ${at(pa)}`, false, ({ memory }) => memory.load(Number(pa), size))
}

export function store(pa: bigint, value: bigint, size: Size = 8): Yieldable<void> {
  return plainStep(`store ${at(pa)}`, true, ({ memory }) => memory.store(Number(pa), size, value))
}

export function storePrivate(pa: bigint, value: bigint, size: Size = 8): Yieldable<void> {
  return plainStep(`store ${at(pa)}`, false, ({ memory }) => memory.store(Number(pa), size, value))
}

/** Atomic read-modify-write of 8 bytes; gives the old value. */
export function atomic(name: string, pa: bigint, update: (old: bigint) => bigint): Yieldable<bigint> {
  return step(`${name} ${at(pa)}`, true, ({ memory }) => {
    const old = memory.load(Number(pa), 8)
    const next = BigInt.asUintN(64, update(old))
    if (next !== old) memory.store(Number(pa), 8, next)
    return old
  })
}

export const cas = (pa: bigint, expected: bigint, value: bigint) =>
  atomic('cas', pa, (old) => (old === expected ? value : old))
export const atomicAdd = (pa: bigint, delta: bigint) => atomic('atomic_add', pa, (old) => old + delta)
/** Gives whether the bit was set. */
export function* setBit(pa: bigint, bit: number): Body<boolean> {
  return (((yield* atomic('set_bit', pa, (old) => old | (1n << BigInt(bit)))) >> BigInt(bit)) & 1n) === 1n
}
export function* clearBit(pa: bigint, bit: number): Body<boolean> {
  return (((yield* atomic('clear_bit', pa, (old) => old & ~(1n << BigInt(bit)))) >> BigInt(bit)) & 1n) === 1n
}

/** Blocks the CPU until `predicate` holds of the word, and gives the word. Interrupts still come. */
export function until(pa: bigint, what: string, predicate: (word: bigint) => boolean): Yieldable<bigint> {
  return new Yieldable<bigint>({
    kind: 'step',
    name: `until ${what} ${at(pa)}`,
    visible: true,
    buffered: true,
    perform: ({ memory }) => {
      const word = memory.load(Number(pa), 8)
      return predicate(word) ? word : WAIT
    },
    ready: ({ memory }) => predicate(memory.peek(Number(pa), 8)),
  })
}

/** One atomic operation on the kernel's host-side tree. */
export function host<T>(name: string, perform: (cx: OperationContext) => T): Yieldable<T> {
  return step(name, true, perform)
}

/** Waits until `perform` gives something other than WAIT; it must change nothing when it gives WAIT. */
export function untilHost<T>(
  name: string,
  perform: (cx: OperationContext) => T | typeof WAIT,
  ready?: (cx: OperationContext) => boolean,
): Yieldable<T> {
  return new Yieldable<T>({ kind: 'step', name, visible: true, perform, ...(ready ? { ready } : {}) })
}

type Fault = 'EFAULT'

/** An access of `size` bytes through the MMU as if by the user, who may take TLB misses and page faults. */
function userAccess<T>(
  name: string,
  va: bigint,
  size: Size,
  kind: 'load' | 'store',
  access: (cpu: ReferenceCpu, pointer: number) => T,
  kindOfStep: typeof step = plainStep,
): Yieldable<T | Fault> {
  return kindOfStep<T | Fault>(`${name} ${at(va)}`, true, ({ kernel, cpu }) => {
    if (kernel.takeUserFault(cpu.index)) return 'EFAULT' as const
    const pointer = cpu.tryTranslate(va, size, kind, ASI.ASI_AS_IF_USER_PRIMARY)
    return pointer === undefined ? TRAPPED : access(cpu, pointer)
  })
}

/** Unsigned, or 'EFAULT'. */
export const loadUser = (va: bigint, size: Size = 8) =>
  userAccess('load user', va, size, 'load', (cpu, pointer) => BigInt.asUintN(64, cpu.read(pointer, size)))

export const storeUser = (va: bigint, value: bigint, size: Size = 8) =>
  userAccess('store user', va, size, 'store', (cpu, pointer) => {
    cpu.write(pointer, size, BigInt.asIntN(64, value))
    return undefined
  })

/** Atomic 4-byte compare and swap in user memory; gives the old value. */
export const casUser = (va: bigint, expected: bigint, value: bigint) =>
  userAccess(
    'cas user',
    va,
    4,
    'store',
    (cpu, pointer) => BigInt.asUintN(32, cpu.compareAndSwap(pointer, 4, BigInt.asUintN(32, expected), value)),
    step,
  )

const PAGE = 8192n

/** Bytes within one page; `va` .. `va + length` must not leave it. */
export const copyFromUser = (va: bigint, length: number) =>
  userAccess(`copy from user ${length}`, va, 1, 'load', (cpu, pointer) => {
    requireOnePage(va, length)
    return Array.from({ length }, (_, n) => Number(cpu.read(pointer, 1, n)))
  })

export const copyToUser = (va: bigint, bytes: readonly number[] | Uint8Array) =>
  userAccess(`copy to user ${bytes.length}`, va, 1, 'store', (cpu, pointer) => {
    requireOnePage(va, bytes.length)
    for (let n = 0; n < bytes.length; n++) cpu.write(pointer, 1, BigInt(bytes[n]!), n)
    return undefined
  })

function requireOnePage(va: bigint, length: number): void {
  if (va / PAGE !== (va + BigInt(Math.max(1, length)) - 1n) / PAGE)
    throw new RangeError(`a copy of ${length} bytes at ${at(va)} leaves its page`)
}

/** An ASI register of this CPU. */
export function ldxa(asi: number, va: bigint): Yieldable<bigint> {
  return plainStep(`ldxa [${at(va)}] 0x${asi.toString(16)}`, true, (cx) => loadAsi(cx, asi, va))
}

export function stxa(asi: number, va: bigint, value: bigint): Yieldable<void> {
  return plainStep(`stxa [${at(va)}] 0x${asi.toString(16)}`, true, (cx) => {
    storeAsi(cx, asi, va, BigInt.asUintN(64, value))
    cx.cpu.modeChanged()
  })
}

/** Linux's PIL_NORMAL_MAX: all but the watchdog's level are kept out. */
const PIL_IRQS_OFF = 14n

/** local_irq_save: raises PIL and gives the old one. Mondos still come: PIL does not mask interrupt_vector. */
export function local_irq_save(): Yieldable<bigint> {
  return plainStep('local_irq_save', true, ({ cpu }) => {
    const old = cpu.get('pil')
    cpu.set('pil', PIL_IRQS_OFF)
    return old
  })
}

export function local_irq_restore(pil: bigint): Yieldable<void> {
  return plainStep('local_irq_restore', true, ({ cpu }) => {
    cpu.set('pil', pil)
    cpu.modeChanged()
  })
}

/** PSTATE.IE on or off; gives the old PSTATE.IE. Off keeps mondos out. */
export function setInterruptEnable(on: boolean): Yieldable<boolean> {
  return plainStep(on ? 'IE on' : 'IE off', true, ({ cpu }) => {
    const PSTATE_IE = 2
    const old = cpu.small('pstate')
    cpu.setSmall('pstate', on ? old | PSTATE_IE : old & ~PSTATE_IE)
    cpu.modeChanged()
    return (old & PSTATE_IE) !== 0
  })
}

export const smp_processor_id = () => note('smp_processor_id', ({ cpu }) => cpu.index)
