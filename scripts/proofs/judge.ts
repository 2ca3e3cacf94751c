import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { compileStatic } from './compile'
import { type MachineLimits, runInMachine } from './run-in-machine'
import { runInQemu } from './run-in-qemu'
import { describeVerdict, sameVerdict, type Verdict, withoutOutput } from './verdict'

/** A program to be run in both emulators. */
export interface ProofCase {
  readonly name: string
  /** Path below the work directory, without extension. */
  readonly path: string
  readonly sources: readonly string[]
  readonly flags: readonly string[]
  /** The options of the proof script that judge this program alone. */
  readonly repeat: string
  /** Its output holds addresses of its stack, which is elsewhere in QEMU: only how it ends is compared. */
  readonly printsAddresses?: boolean
  /** The command that writes the source to standard output first, for generated programs. */
  readonly generator?: readonly string[]
}

export interface Limits extends MachineLimits {
  readonly qemuSeconds: number
}

export type Outcome =
  | { readonly kind: 'same'; readonly instructions: number }
  | { readonly kind: 'different'; readonly expected: string; readonly got: string }
  | { readonly kind: 'skipped'; readonly reason: string; readonly detail?: string }

/** What a self-checking program without output claims: ours must end so where QEMU cannot run it. */
const CLAIMED: Verdict = { kind: 'exit', code: 0, stdout: '' }

/**
 * Compiles a program, runs it in both emulators and compares. In a directory that is kept, the program and QEMU's verdict are
 * made once.
 *
 * @throws Error when an outside tool cannot be started
 */
export function judge(proof: ProofCase, directory: string, limits: Limits, keep: boolean): Outcome {
  const elf = join(directory, `${proof.path}.elf`)
  try {
    const complaint = build(proof, elf)
    if (complaint !== undefined) return { kind: 'skipped', reason: 'does not compile', detail: complaint }
    const expected = verdictOfQemu(elf, limits)
    if (expected.kind === 'too-long') {
      return { kind: 'skipped', reason: `takes QEMU more than ${limits.qemuSeconds} s` }
    }
    const { verdict, instructions } = runInMachine(readFileSync(elf), limits)
    if (verdict.kind === 'too-long') return { kind: 'skipped', reason: `takes more than ${verdict.limit}` }
    if (expected.kind === 'broken' && sameVerdict(CLAIMED, verdict))
      return { kind: 'skipped', reason: expected.message }
    const compared = proof.printsAddresses ? withoutOutput : (whole: Verdict) => whole
    if (sameVerdict(compared(expected), compared(verdict))) return { kind: 'same', instructions }
    return { kind: 'different', expected: describeVerdict(expected), got: describeVerdict(verdict) }
  } finally {
    if (!keep) rmSync(elf, { force: true })
  }
}

function build({ generator, sources, flags }: ProofCase, elf: string): string | undefined {
  if (existsSync(elf)) return undefined
  const failed = `${elf}.failed`
  if (existsSync(failed)) return readFileSync(failed, 'utf8')
  mkdirSync(dirname(elf), { recursive: true })
  const generated = `${elf}.c`
  if (generator) writeFileSync(generated, generate(generator))
  const complaint = compileStatic(generator ? [generated] : sources, flags, elf)
  if (complaint !== undefined) writeFileSync(failed, complaint)
  return complaint
}

function generate([command, ...args]: readonly string[]): string {
  const { error, status, stdout } = spawnSync(command!, args, { encoding: 'utf8', maxBuffer: 2 ** 28, cwd: tmpdir() })
  if (error || status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? `status ${status}`}`)
  return stdout
}

function verdictOfQemu(elf: string, { qemuSeconds }: Limits): Verdict {
  const file = `${elf}.qemu.json`
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Verdict
  const verdict = runInQemu(elf, qemuSeconds)
  writeFileSync(file, JSON.stringify(verdict))
  return verdict
}
