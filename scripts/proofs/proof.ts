import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { integerOption } from './arguments'
import type { Limits, Outcome, ProofCase } from './judge'
import { judgeAll } from './pool'

/** The options that every proof against qemu-sparc64 takes. */
export const PROOF_OPTIONS = {
  cpus: '1',
  deadline: '300',
  jobs: String(availableParallelism()),
  'max-instructions': '500000000',
  'qemu-seconds': '10',
  work: undefined as string | undefined,
}

export interface ProofSettings {
  readonly limits: Limits
  readonly jobs: number
  /** Host seconds a program may take in all. */
  readonly deadline: number
  /** The directory to keep programs and verdicts in; undefined for a temporary one. */
  readonly work?: string
}

/** @throws UsageError */
export function proofSettings(options: typeof PROOF_OPTIONS): ProofSettings {
  return {
    limits: {
      cpus: integerOption('cpus', options.cpus, 1, 32),
      maxInstructions: integerOption('max-instructions', options['max-instructions'], 1),
      qemuSeconds: integerOption('qemu-seconds', options['qemu-seconds'], 1),
    },
    deadline: integerOption('deadline', options.deadline, 1),
    jobs: integerOption('jobs', options.jobs, 1, 64),
    work: options.work,
  }
}

/** Calls `action` with the work directory, which is removed afterwards unless one to keep was named. */
export async function inWorkDirectory<T>(
  work: string | undefined,
  action: (directory: string) => Promise<T>,
): Promise<T> {
  if (work !== undefined) return action(work)
  const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-proof-'))
  try {
    return await action(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

export interface ProofTexts {
  /** First word of the last line, and the name of the script. */
  readonly title: string
  /** What was judged, such as `300 programs at -O2`. */
  readonly subject: string
}

/**
 * Judges programs, prints each that differs with the command that repeats it, and the counts as the last line.
 *
 * @returns whether no program differs and at least one was judged
 */
export async function prove(
  cases: readonly ProofCase[],
  directory: string,
  { deadline, jobs, limits, work }: ProofSettings,
  { subject, title }: ProofTexts,
): Promise<boolean> {
  const requests = cases.map((proof, index) => ({ index, proof, directory, limits, keep: work !== undefined }))
  const outcomes = await judgeAll(requests, {
    deadline,
    jobs,
    onOutcome(index, outcome) {
      const proof = cases[index]!
      if (outcome.kind === 'different') {
        console.log(`DIFFERENT ${proof.path}\n  qemu-sparc64: ${outcome.expected}\n  sparc64-smp:  ${outcome.got}`)
        console.log(`  repeat: npx tsx scripts/proofs/${title}.ts ${proof.repeat} --work DIRECTORY`)
      } else if (outcome.kind === 'skipped') {
        console.log(`skipped ${proof.path}: ${outcome.reason}${outcome.detail ? `: ${outcome.detail}` : ''}`)
      }
      const done = index + 1
      if (done % PROGRESS_EVERY === 0) console.log(`${title}: ${done} of ${cases.length}`)
    },
  })
  console.log(lastLine(title, subject, outcomes))
  return outcomes.every(({ kind }) => kind !== 'different') && outcomes.some(({ kind }) => kind === 'same')
}

const PROGRESS_EVERY = 100

/** The counts, such as `torture: 300 programs at -O2, 0 different, 297 same verdict as qemu-sparc64, 3 skipped (...)`. */
export function lastLine(title: string, subject: string, outcomes: readonly Outcome[]): string {
  const count = (kind: Outcome['kind']): number => outcomes.filter((outcome) => outcome.kind === kind).length
  const reasons = new Map<string, number>()
  for (const outcome of outcomes) {
    if (outcome.kind === 'skipped') reasons.set(outcome.reason, (reasons.get(outcome.reason) ?? 0) + 1)
  }
  const why = [...reasons].map(([reason, times]) => `${times} ${reason}`).join(', ')
  const instructions = outcomes.reduce((sum, outcome) => sum + (outcome.kind === 'same' ? outcome.instructions : 0), 0)
  const counts = [
    `${title}: ${subject}`,
    `${count('different')} different`,
    `${count('same')} same verdict as qemu-sparc64`,
    `${count('skipped')} skipped${why && ` (${why})`}`,
  ]
  return `${counts.join(', ')}; ${instructions} instructions`
}
