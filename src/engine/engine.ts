/** Why a CPU stopped before its budget was used up. */
export type CpuStop =
  | 'budget'
  /** At the gate, waiting for memory or an interrupt; nothing was executed. */
  | 'waiting'
  | 'breakpoint'
  | 'watchpoint'
  /** A visible operation was performed and the engine was asked to stop after it. */
  | 'visible'
  /** Trap at MAXTL (V9 7.2.1). */
  | 'error-state'
  /** A trap at MAXTL - 1, a reset or SIR entered RED state (V9 7.2.1). */
  | 'red-state'
  | 'halted'

/** Registers behind internal ASIs. Loads and stores that `refusal` has nothing against succeed. */
export interface AsiDevice {
  handles(asi: number): boolean
  /** The SFSR fault type with which an aligned access of 8 bytes is refused (data_access_exception); 0 if it is not. */
  refusal(cpu: number, asi: number, va: bigint, access: 'load' | 'store'): number
  load(cpu: number, asi: number, va: bigint): bigint
  store(cpu: number, asi: number, va: bigint, value: bigint): void
}

/** What the gate instruction did (design: the kernel shim runs on the emulated CPUs). */
export type GateResult =
  /** One operation was performed; the PC stays at the gate. */
  | 'stay'
  /** The function returned: the PC moves on. */
  | 'return'
  /** The pending operation has to wait; nothing was performed. */
  | 'wait'
  /** The operation replaced the CPU's context (PC included): nothing more is to be done to it. */
  | 'switched'
  /** The operation trapped through {@link GateCpu}; its trap is pending. */
  | 'trapped'
  | 'halt'

export interface Gate {
  step(cpu: number, entry: number): GateResult
}

/** Called on what users and tools may listen to. Absent hooks cost nothing. */
export interface EngineHooks {
  trap?(cpu: number, tt: number, tl: number, pc: bigint): void
  trapReturn?(cpu: number, tl: number): void
  /** Before the trap is entered; the machine clears the pending interrupt. */
  interruptTaken?(cpu: number, tt: number): void
}

export interface Engine {
  /** Executes at most `budget` instructions of one CPU. {@link executed} tells how many were. */
  run(cpu: number, budget: number): CpuStop
  /** Instructions executed by the last {@link run}, traps and interrupts not counted. */
  readonly executed: number
}
