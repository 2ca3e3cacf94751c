/** A machine that cannot be built, or a call that cannot be answered; says what, and what was expected. */
export class MachineError extends Error {
  override readonly name = 'MachineError'
}

/** A listener threw, or called back into the running machine. The machine stopped after a whole instruction. */
export class ListenerError extends Error {
  override readonly name = 'ListenerError'
}
