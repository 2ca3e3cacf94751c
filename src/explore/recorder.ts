import type { Kernel, KernelEvents } from '../kernel-shim'
import type { TlbViolation } from '../oracle'
import type { BufferedStore } from '../smp'
import type { StepNote } from './explorable'

/** What marks are found by, once the violation is known. */
export interface Recording {
  readonly when: number
  readonly event?: 'pte-write' | 'mask-write' | 'mask-read' | 'flush-end' | 'use'
}

const hex = (value: bigint | number) => `0x${value.toString(16)}`
/** Operations that say nothing to a person who follows a race. */
const PLAIN_OPERATION =
  /^(load|store|atomic|cas|clear_bit|set_bit|spin_|until|IE |local_irq|take call|wait for|switch_to)/

/** Puts what a kernel did in a step into words. */
export class StepRecorder {
  on = false
  notes: (StepNote & Recording)[] = []
  private cpu = 0

  constructor(private readonly kernel: Kernel) {
    this.listen()
  }

  begin(cpu: number): void {
    if (!this.on) return
    this.cpu = cpu
    this.notes = []
    this.kernel.gate.last = undefined
  }

  drained(cpu: number, { pa, value }: BufferedStore): void {
    if (!this.on) return
    this.notes = []
    this.say(cpu, `the store of ${hex(value)} to ${hex(pa)} becomes visible`)
  }

  end(violation: TlbViolation | undefined): void {
    if (!this.on) return
    const { last } = this.kernel.gate
    const spoken = this.notes.some((note) => note.cpu === this.cpu)
    if (last !== undefined && last.cpu === this.cpu && !spoken) this.operation(last)
    if (violation !== undefined)
      this.notes.push({
        cpu: violation.cpu,
        text: `USES ${violation.va} through a stale ${violation.side} TLB entry (${violation.tte})`,
        mark: 'violation',
        when: violation.when,
        event: 'use',
      })
  }

  readonly events: KernelEvents = {
    pteWrite: (cpu, _mm, va, before, after) =>
      this.say(cpu, `page table: ${hex(va)} ${permission(before)} -> ${permission(after)}`, 'pte-write'),
    flushBegin: (cpu, _mm, context, vas, name) => {
      this.say(cpu, `${name} begins: context ${context}, ${vas === 'all' ? 'all' : vas.map(hex).join(' ')}`)
      return 0
    },
    flushEnd: (cpu) => this.say(cpu, 'the flush returns', 'flush-end'),
    usersRead: (cpu, _mm, value) => this.say(cpu, `reads mm_users: ${value}`),
    maskRead: (cpu, _mm, mask, by) => this.say(cpu, `${by} reads mm_cpumask: ${members(mask)}`, 'mask-read'),
    maskWrite: (cpu, _mm, before, after, by) =>
      this.say(cpu, `${by} sets mm_cpumask: ${members(before)} -> ${members(after)}`, 'mask-write'),
    mondoAccepted: (sender, target, name) => this.say(sender, `sends ${name} to CPU ${target}`),
    mondoTaken: (cpu) => this.say(cpu, 'takes the cross call'),
    frameFreed: (cpu, pa) => this.say(cpu, `frees frame ${hex(pa)}`),
    running: (cpu, mm) => this.say(cpu, mm === 0n ? 'leaves its mm' : `runs under the context of mm ${hex(mm)}`),
    note: (cpu, text) => this.say(cpu, text),
  }

  private listen(): void {
    const { machine } = this.kernel
    for (let cpu = 0; cpu < machine.layout.cpus; cpu++)
      machine.observeTlb(cpu, {
        miss: (side, va, context) => this.say(cpu, `${side} TLB miss: ${hex(va)} in context ${context}`),
        fill: (side, _index, tag, data) =>
          this.say(
            cpu,
            `fills its ${side} TLB: ${hex(tag & ~0x1fffn)} -> ${hex(data & 0x1ff_ffff_e000n)} ${permission(data)}`,
          ),
        demap: (side, kind, context, va) => {
          if (side === 'data')
            this.say(cpu, `removes ${kind === 'page' ? hex(va) : 'all'} of context ${context} from its TLB`)
        },
      })
  }

  private operation(last: NonNullable<Kernel['gate']['last']>): void {
    const { operation, result } = last
    if (last.function === 'mmget_not_zero')
      this.say(last.cpu, `mmget_not_zero: ${result === 0n ? 'no' : 'a user reference'}`)
    else if (/^(load|store|copy|cas) user/.test(operation) || !PLAIN_OPERATION.test(operation))
      this.say(last.cpu, result === 'EFAULT' ? `${operation}: EFAULT` : operation)
  }

  private say(cpu: number, text: string, event?: Recording['event']): void {
    if (this.on)
      this.notes.push({ cpu, text, when: Number(this.kernel.machine.instructions()), ...(event ? { event } : {}) })
  }
}

function permission(tte: bigint): string {
  if (!(tte >> 63n)) return 'none'
  return `${hex(tte & 0x1ff_ffff_e000n)} r${tte & 2n ? 'w' : '-'}${tte & 0x1000n ? 'x' : '-'}`
}

function members(mask: bigint): string {
  const cpus: number[] = []
  for (let cpu = 0; mask >> BigInt(cpu); cpu++) if ((mask >> BigInt(cpu)) & 1n) cpus.push(cpu)
  return `{${cpus.join(', ')}}`
}
