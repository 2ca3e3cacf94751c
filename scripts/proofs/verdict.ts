import { SIGNAL, type SignalName } from '../../src/linux-user/constants'

/** How a program ended, as its user sees it. */
export type Verdict =
  | { readonly kind: 'exit'; readonly code: number; readonly stdout: string }
  | { readonly kind: 'signal'; readonly signal: number; readonly stdout: string; readonly message?: string }
  | { readonly kind: 'too-long'; readonly limit: string }
  | { readonly kind: 'broken'; readonly message: string }

/** @returns Linux/SPARC's number of a signal named as the host names it: where the host's differs, qemu-sparc64 ends by the host's */
export function sparcSignal(name: NodeJS.Signals): number {
  const number = SIGNAL[name as SignalName]
  if (number === undefined) throw new Error(`SPARC has no signal ${name}`)
  return number
}

export function sameVerdict(a: Verdict, b: Verdict): boolean {
  if (a.kind === 'exit' && b.kind === 'exit') return a.code === b.code && a.stdout === b.stdout
  if (a.kind === 'signal' && b.kind === 'signal') return a.signal === b.signal && a.stdout === b.stdout
  return false
}

export const withoutOutput = (verdict: Verdict): Verdict =>
  verdict.kind === 'exit' || verdict.kind === 'signal' ? { ...verdict, stdout: '' } : verdict

const LONGEST_SHOWN = 400

/** One line for people. */
export function describeVerdict(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'exit':
      return `exit ${verdict.code}${describeOutput(verdict.stdout)}`
    case 'signal':
      return `signal ${verdict.signal}${describeOutput(verdict.stdout)}${verdict.message ? `\n${verdict.message}` : ''}`
    case 'too-long':
      return `still running after ${verdict.limit}`
    case 'broken':
      return verdict.message
  }
}

function describeOutput(stdout: string): string {
  if (stdout === '') return ''
  const shown = JSON.stringify(stdout.slice(0, LONGEST_SHOWN))
  return `, stdout ${shown}${stdout.length > LONGEST_SHOWN ? ` and ${stdout.length - LONGEST_SHOWN} more bytes` : ''}`
}
