import type { Kernel, KernelConfig } from '../kernel-shim'
import type { TlbOracle, TlbViolation } from '../oracle'
import type { Snapshot } from '../smp'
import type { Explorable, StepNote } from './explorable'
import { watchKernel } from './kernel-oracle'
import { type Recording, StepRecorder } from './recorder'
import type { Scenario } from './scenario'
import { createScenarioKernel } from './scenario-kernel'
import { hashTree } from './tree-hash'

type OracleState = ReturnType<TlbOracle['save']>

export interface KernelExplorationState {
  readonly machine: Snapshot
  readonly oracle: OracleState
  readonly failure: CpuFailure | undefined
}

/** A CPU left the ground that the shim stands on: error state, RED state, or an endless loop without visible operations. */
export interface CpuFailure {
  readonly kind: 'cpu-failure'
  readonly cpu: number
  readonly reason: string
  readonly pc: string
}

export type ScenarioViolation = TlbViolation | CpuFailure

export type ScenarioConfig = Pick<KernelConfig, 'policy' | 'refill' | 'mutant' | 'mondoDelay' | 'memoryModel'> & {
  /** Name of a CPU model. */
  readonly model?: Extract<KernelConfig['model'], string>
  readonly strict?: boolean
}

const MOST_INVISIBLE = 100_000
const MONDO_BUSY = 0x20
const PSTATE_IE = 2

/** A kernel with a scenario as something whose interleavings are searched. */
export class KernelExplorable implements Explorable<KernelExplorationState, ScenarioViolation> {
  readonly kernel: Kernel
  readonly oracle: TlbOracle
  private readonly recorder: StepRecorder
  private failure: CpuFailure | undefined
  private lastMet: readonly number[] = []

  constructor(scenario: Scenario, config: ScenarioConfig = {}) {
    const { strict, ...kernelConfig } = config
    this.kernel = createScenarioKernel({ ...kernelConfig, cpus: scenario.cpus, ramBytes: scenario.ramBytes })
    this.recorder = new StepRecorder(this.kernel)
    this.oracle = watchKernel(this.kernel, { strict, listener: this.recorder.events })
    scenario.start(this.kernel)
    this.kernel.machine.environment.exploring = true
  }

  runnable(): readonly number[] {
    const { machine, gate } = this.kernel
    const cpus: number[] = []
    for (let cpu = 0; cpu < machine.layout.cpus; cpu++)
      if (!gate.isBlocked(cpu) || this.hasDelayedMondo(cpu)) cpus.push(cpu)
    return cpus
  }

  step(cpu: number): void {
    const { storeBuffers } = this.kernel.machine.environment
    if (storeBuffers === undefined) this.stepCpu(cpu)
    else this.lastMet = storeBuffers.metDuring(cpu, () => this.stepCpu(cpu))
  }

  private stepCpu(cpu: number): void {
    const { machine, gate } = this.kernel
    this.recorder.begin(cpu)
    if (this.hasDelayedMondo(cpu) && gate.isBlocked(cpu)) machine.cpus[cpu]!.setSmall('mondoCountdown', 0)
    let left = MOST_INVISIBLE
    while (left > 0) {
      const before = machine.instructions(cpu)
      const reason = machine.step(cpu, left)
      left -= Math.max(1, Number(machine.instructions(cpu) - before))
      if (reason === 'visible' || reason === 'waiting') break
      if (reason !== 'budget') {
        this.fail(cpu, reason)
        break
      }
    }
    if (left <= 0) this.fail(cpu, 'no visible operation')
    this.recorder.end(this.oracle.violation)
  }

  buffering(): readonly number[] {
    return this.kernel.machine.environment.storeBuffers?.buffering() ?? []
  }

  drain(cpu: number): void {
    const { machine } = this.kernel
    const [oldest] = machine.bufferedStores(cpu)
    if (oldest === undefined) throw new RangeError(`CPU ${cpu} has nothing buffered`)
    this.lastMet = machine.environment.storeBuffers!.metBy(cpu, oldest)
    const [store] = machine.drain(cpu)
    this.recorder.drained(cpu, store!)
  }

  met(): readonly number[] {
    return this.lastMet
  }

  heldUp(): readonly { cpu: number; by: number }[] {
    const { machine, gate } = this.kernel
    const { storeBuffers } = machine.environment
    if (storeBuffers === undefined) return []
    return machine.cpus.flatMap(({ index }) => {
      let blocked = false
      const met = storeBuffers.metDuring(index, () => {
        blocked = gate.isBlocked(index)
      })
      return blocked ? met.map((by) => ({ cpu: index, by })) : []
    })
  }

  save(): KernelExplorationState {
    return { machine: this.kernel.machine.snapshot(), oracle: this.oracle.save(), failure: this.failure }
  }

  restore(state: KernelExplorationState): void {
    this.kernel.machine.restore(state.machine)
    this.oracle.restore(state.oracle)
    this.failure = state.failure
  }

  key(): bigint {
    const { machine, tree } = this.kernel
    return hashTree(machine.explorationHash(), tree).digest() ^ this.oracle.key()
  }

  violation(): ScenarioViolation | undefined {
    return this.oracle.violation ?? this.failure
  }

  /** Every CPU idles. */
  finished(): boolean {
    const { kernel } = this
    return kernel.machine.cpus.every(
      ({ index }) =>
        kernel.currentTask(index).frames.length === 0 &&
        kernel.tree.cpus[index]!.interrupts.length === 0 &&
        kernel.machine.cpus[index]!.trapLevel === 0,
    )
  }

  waiting(): readonly number[] {
    const { kernel } = this
    return kernel.machine.cpus.map((cpu) => cpu.index).filter((cpu) => kernel.currentTask(cpu).frames.length > 0)
  }

  timeRead(): boolean {
    return this.kernel.machine.clockWasRead
  }

  record(on: boolean): void {
    this.recorder.on = on
  }

  describeStep(): readonly (StepNote & Recording)[] {
    return this.recorder.notes
  }

  replayHash(): bigint {
    return this.kernel.machine.replayHash()
  }

  private hasDelayedMondo(cpu: number): boolean {
    const registers = this.kernel.machine.cpus[cpu]!
    return (
      registers.small('mondoCountdown') > 0 &&
      (registers.small('mondoReceive') & MONDO_BUSY) !== 0 &&
      (registers.small('pstate') & PSTATE_IE) !== 0
    )
  }

  private fail(cpu: number, reason: string): void {
    this.failure = {
      kind: 'cpu-failure',
      cpu,
      reason,
      pc: `0x${this.kernel.machine.cpus[cpu]!.get('pc').toString(16)}`,
    }
  }
}
