import { INSTRUCTION_SETS, type Instruction, makeRows } from '../../../src/isa'

/** Why an instruction is not judged here. */
interface Exclusion {
  readonly reason: string
  readonly covers: (row: Instruction) => boolean
}

const named =
  (...names: readonly string[]) =>
  ({ name }: Instruction): boolean =>
    names.includes(name)

/** Ancillary registers that user code has and that are the same at each run. */
const JUDGED_ANCILLARIES = ['%y', '%ccr', '%asi', '%fprs', '%gsr']

function isOfAnotherAncillary({ name, syntax }: Instruction): boolean {
  if (name === 'rd') return ![...JUDGED_ANCILLARIES, '%pc'].includes(syntax.split(', ')[0]!)
  return name === 'wr' && !JUDGED_ANCILLARIES.includes(syntax.split(', ').at(-1)!)
}

const EXCLUSIONS: readonly Exclusion[] = [
  {
    reason: 'privileged',
    covers: named(
      ...['saved', 'restored', 'done', 'retry', 'rdpr', 'wrpr', 'shutdown', 'gate'],
      ...['allclean', 'otherw', 'normalw', 'invalw'],
    ),
  },
  {
    reason: 'always trap',
    covers: (row) => named('illtrap', 'ta')(row) || (row.name.startsWith('prefetch') && !row.syntax.includes('fcn')),
  },
  {
    reason: 'absent from QEMU 10',
    covers: (row) => named('siam', 'sir')(row) || /^c[wx]b/.test(row.name) || row.syntax.endsWith('%asr27'),
  },
  { reason: 'privileged, absent or changing ancillary registers', covers: isOfAnotherAncillary },
  { reason: 'SIGBUS in QEMU 10', covers: named('stq', 'stqa') },
  { reason: 'QEMU 10 never gets past them', covers: named('cmask8', 'cmask16', 'cmask32') },
]

/** State that the judged rows do not meet here. */
export const EXCLUDED_STATE: readonly string[] = [
  'stda to partial-store ASIs, which are illegal_instruction in QEMU 10',
  'what traps: FSR.TEM in floating-point operations, divisors of zero, misalignment, conditions of Tcc that hold, tag overflow of taddcctv and tsubcctv',
  'GSR.IRND other than FSR.RD while GSR.IM is set: QEMU 10 rounds by FSR alone',
  'array8 to array32 of sizes above 5, which are undefined',
]

/** The rows that user code can execute without a trap, and QEMU 10 as well. */
export const JUDGED_ROWS: readonly Instruction[] = makeRows(INSTRUCTION_SETS).filter((row) => !exclusionOf(row))

/** How many rows are not judged, by reason. */
export function excludedRows(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const row of makeRows(INSTRUCTION_SETS)) {
    const reason = exclusionOf(row)?.reason
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  return counts
}

function exclusionOf(row: Instruction): Exclusion | undefined {
  return EXCLUSIONS.find(({ covers }) => covers(row))
}
