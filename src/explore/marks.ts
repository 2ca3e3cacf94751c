import type { ScenarioViolation } from './kernel-explorable'
import type { Recording } from './recorder'
import type { TimelineRow } from './timeline'

/** Points out in a timeline what the violation says: the write, the lost bit, the mask that was read, the flush that called nobody. */
export function markTimeline(
  rows: readonly (TimelineRow & Partial<Recording>)[],
  violation: ScenarioViolation | undefined,
): TimelineRow[] {
  const plain = rows.map(({ when: _, event: __, ...row }) => row)
  if (violation === undefined || violation.kind === 'cpu-failure') return plain
  const { staleSince, missing } = violation
  const find = (event: Recording['event'], cpu: number, when: number) =>
    rows.findIndex((row) => row.event === event && row.cpu === cpu && row.when === when)
  const set = (index: number, mark: TimelineRow['mark'], addition = '') => {
    const row = plain[index]
    if (row !== undefined) plain[index] = { ...row, text: row.text + addition, mark }
  }
  set(
    find('pte-write', staleSince.cpu, staleSince.when),
    'stale-write',
    ' (what CPUs hold of it is stale from here on)',
  )
  if (missing === undefined) return plain
  if (missing.bitLost)
    set(find('mask-write', missing.bitLost.cpu, missing.bitLost.when), 'lost-bit', `: CPU ${missing.to} is lost`)
  const end = find('flush-end', missing.from, missing.completed)
  let read = end
  while (read >= 0 && !(rows[read]!.event === 'mask-read' && rows[read]!.cpu === missing.from)) read--
  if (!missing.sent) set(read, 'mask-read')
  if (!missing.sent && missing.from !== missing.to)
    set(end, 'missing-call', `; it never sent a cross call to CPU ${missing.to}: ${missing.why}`)
  return plain
}
