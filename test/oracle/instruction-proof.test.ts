import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { env } from 'node:process'
import { describe, expect, it } from 'vitest'
import { type Batch, type Choice, makeBatch } from '../../scripts/proofs/instructions/batch'
import { CASE_BYTES, OUTPUTS, REGISTERS_BYTES } from '../../scripts/proofs/instructions/case-record'
import { conditionHolds } from '../../scripts/proofs/instructions/conditions'
import { FAULTS } from '../../scripts/proofs/instructions/faults'
import { compare, judgeWords } from '../../scripts/proofs/instructions/judge-batch'
import { excludedRows, JUDGED_ROWS } from '../../scripts/proofs/instructions/judged-rows'
import { runInMachine } from '../../scripts/proofs/instructions/run-batch'
import { newerQemu } from '../../scripts/proofs/newer-qemu'

const CASES = 4
const choiceOf = (...names: string[]): Choice => ({
  rows: JUDGED_ROWS.filter(({ name }) => names.includes(name)),
  seed: 1,
  cases: CASES,
})

/** What our machine leaves. */
function leftBy(batch: Batch): Uint8Array {
  const run = runInMachine(batch)
  if ('failure' in run) throw new Error(run.failure)
  return run.data
}

/** The judgement of our own results against themselves with one change. */
function judgedAgainst(choice: Choice, change: (data: Uint8Array, record: number) => void) {
  const batch = makeBatch(choice, 0, 1)
  const ours = leftBy(batch)
  const theirs = ours.slice()
  change(theirs, REGISTERS_BYTES + CASE_BYTES)
  return compare(choice, batch, ours, theirs)
}

describe('the proof of single instructions', () => {
  it('judges every instruction that user code can execute, but those it names', () => {
    const excluded = [...excludedRows().values()].reduce((sum, rows) => sum + rows, 0)
    expect(JUDGED_ROWS.length).toBeGreaterThan(900)
    expect(excludedRows()).not.toContain('')
    expect(excluded).toBeLessThan(200)
  })

  it('makes the same program from the same seed, and others from others', () => {
    const choice = choiceOf('add', 'ldx')
    expect(makeBatch(choice, 0, 4).executable).toEqual(makeBatch(choice, 0, 4).executable)
    expect(makeBatch({ ...choice, seed: 2 }, 0, 4).executable).not.toEqual(makeBatch(choice, 0, 4).executable)
    expect(makeBatch(choice, 2, 1).words[0]!.judged).toEqual(makeBatch(choice, 0, 4).words[2]!.judged)
  })

  it('ends in our machine, without a trap, whatever the row', { timeout: 120_000 }, () => {
    const choice: Choice = { rows: JUDGED_ROWS, seed: 3, cases: 2 }
    const batch = makeBatch(choice, 0, JUDGED_ROWS.length)
    expect(leftBy(batch)).toHaveLength(JUDGED_ROWS.length * (REGISTERS_BYTES + 2 * CASE_BYTES))
  })

  it('sees one changed bit of each thing that an instruction leaves', () => {
    expect(judgedAgainst(choiceOf('add'), () => {})).toMatchObject({ cases: CASES, different: 0, reports: [] })
    for (const name of ['rd', 'ccr', 'y', 'gsr', 'fsr'] as const) {
      const judgement = judgedAgainst(choiceOf('add'), (data, record) => {
        data[record + OUTPUTS[name] + 7]! ^= 1
      })
      expect(judgement).toMatchObject({ different: 1, excused: {} })
      expect(judgement.reports[0]?.text).toContain(`  ${name}: QEMU`)
    }
  })

  it('sees a register that is no operand changed', () => {
    const batch = makeBatch(choiceOf('add'), 0, 1)
    const { pointer } = batch.words[0]!.judged
    const judgement = judgedAgainst(choiceOf('add'), (data) => {
      data[pointer * 8]! ^= 1
    })
    expect(judgement.different).toBe(1)
    expect(judgement.reports[0]?.text).toContain(`r${pointer} at the end`)
  })

  it('excuses a known wrong result and no other', () => {
    const upperHalf = (data: Uint8Array, record: number) => data.fill(0, record + OUTPUTS.rd, record + OUTPUTS.rd + 4)
    const excused = judgedAgainst(choiceOf('sll'), upperHalf)
    expect(excused).toMatchObject({ different: 0, excused: { 'sll of 32 bits': 1 } })
    expect(judgedAgainst(choiceOf('sllx'), upperHalf)).toMatchObject({ different: 1, excused: {} })
    const more = judgedAgainst(choiceOf('sll'), (data, record) => {
      upperHalf(data, record)
      data[record + OUTPUTS.rd + 7]! ^= 1
    })
    expect(more).toMatchObject({ different: 1, excused: {} })
  })

  it('has each of its faults of QEMU in the document of known faults', () => {
    const document = readFileSync(join(import.meta.dirname, 'known-faults.md'), 'utf8')
    for (const { name, section } of FAULTS) {
      expect(document).toContain(`_${name}_`)
      expect(section).toMatch(/\d/)
    }
  })

  it('knows when integer conditions hold (V9 A.6)', () => {
    const [n, z, v, c] = [8, 4, 2, 1]
    const held = (condition: number) => [0, n, z, v, c, n | v].map((codes) => conditionHolds(condition, codes))
    expect(held(0)).toEqual([false, false, false, false, false, false])
    expect(held(1)).toEqual([false, false, true, false, false, false])
    expect(held(3)).toEqual([false, true, false, true, false, false])
    expect(held(4)).toEqual([false, false, true, false, true, false])
    expect(held(8)).toEqual([true, true, true, true, true, true])
    expect(held(10)).toEqual([true, false, false, false, true, true])
  })
})

describe.skipIf(!env.SPARC64_SMP_QEMU && env.SPARC64_SMP_REQUIRE_TOOLS !== '1')('one word of some rows', () => {
  it('leaves in QEMU what it leaves in our machine', { timeout: 120_000 }, () => {
    const choice = choiceOf('add', 'umulcc', 'ldsw', 'casxa', 'fdivd', 'fpack16', 'save', 'bne')
    const judgement = judgeWords(choice, 0, choice.rows.length, {
      qemu: newerQemu(),
      path: join(env.TMPDIR ?? '/tmp', `sparc64-smp-word-${process.pid}`),
    })
    expect(judgement).toEqual({ cases: choice.rows.length * CASES, different: 0, excused: {}, reports: [] })
  })
})
