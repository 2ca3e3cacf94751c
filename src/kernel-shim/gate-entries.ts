/** Entries of the gate instruction: the numbers that firmware puts in its immediate field. */
export const GATE_TASK = 0
export const GATE_SYSCALL = 1
export const GATE_RETURN_TO_USER = 2
export const GATE_FAULT = 3
/** The mondo of the wrong fix that trims in it. */
export const GATE_TRIM = 4
/** Plus the level, 1 to 15. */
export const GATE_INTERRUPT = 16

export interface GateEntry {
  /** Task frames go with the task from CPU to CPU; interrupt frames stay on the CPU, one stack a trap level. */
  readonly owner: 'task' | 'interrupt'
  /** Shim function of a new entry; none: the gate only continues what is there. */
  readonly function?: string
  /** Passes the trap type and level of the trap that led here. */
  readonly passTrap?: boolean
}

/** By number. The functions are registered by whoever provides them: this room, linux-user, or a user's own kernel. */
export const GATE_ENTRIES: ReadonlyMap<number, GateEntry> = new Map<number, GateEntry>([
  [GATE_TASK, { owner: 'task' }],
  [GATE_SYSCALL, { owner: 'task', function: 'do_syscall' }],
  [GATE_RETURN_TO_USER, { owner: 'task', function: 'exit_to_user_mode' }],
  [GATE_FAULT, { owner: 'interrupt', function: 'do_fault', passTrap: true }],
  [GATE_TRIM, { owner: 'interrupt', function: 'xcall_trim_client' }],
  [GATE_INTERRUPT + 1, { owner: 'interrupt', function: 'smp_call_function_client' }],
  [GATE_INTERRUPT + 2, { owner: 'interrupt', function: 'smp_receive_signal_client' }],
  [GATE_INTERRUPT + 14, { owner: 'interrupt', function: 'timer_interrupt' }],
])
