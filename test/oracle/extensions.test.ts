import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { env } from 'node:process'
import { describe, expect, it } from 'vitest'
import { newerQemu } from '../../scripts/proofs/newer-qemu'
import { Random } from '../../scripts/proofs/random'
import { INSTRUCTION_SETS, type Instruction, makeRows } from '../../src/isa'
import { type Left, type Operands, randomOperands, wordOnRegisters } from './instruction-cases'
import { runOnMachine, runOnQemu } from './instruction-runs'

/**
 * VIS, VIS 2, VIS 3, FMAF, IMA and popc on random operands leave what they left in QEMU 10, by digests of it, where there is no
 * such QEMU; `scripts/proofs/instructions.ts` is live. SPARC64_SMP_RECORD=1 writes them anew.
 */
const RECORDED_CASES = 100
const RECORD = join(import.meta.dirname, 'recorded/extensions.json')
const SLOW = { timeout: 600_000 }

/** What QEMU 10.0.2 lacks or does wrong. */
const NOT_ON_QEMU: Readonly<Record<string, string>> = {
  shutdown: 'privileged',
  allclean: 'privileged',
  otherw: 'privileged',
  normalw: 'privileged',
  invalw: 'privileged',
  siam: 'raises illegal_instruction',
  bshuffle: 'stores the bytes in reverse order (GSR.mask bits 63:60 choose the highest byte)',
  cmask8: 'never gets past it',
  cmask16: 'never gets past it',
  cmask32: 'never gets past it',
}

const EVERY_LANE_POSITIVE = 0x7fff_7fff_7fff_7fffn
const singleIsSignaling = (bits: bigint) => {
  const single = bits >> 32n
  return (single & 0x7fc0_0000n) === 0x7f80_0000n && (single & 0x3f_ffffn) !== 0n
}

/** Operands that have a defined result, or one that QEMU's own two implementations agree on. */
const TAMED: Readonly<Record<string, (operands: Operands) => Operands>> = {
  ...Object.fromEntries(
    ['array8', 'array16', 'array32'].map((name) => [name, (o: Operands) => ({ ...o, rs2: o.rs2 % 6n })]),
  ),
  // Its vector code rounds a negative mean down, its helper toward zero
  fmean16: (o) => ({ ...o, frs1: o.frs1 & EVERY_LANE_POSITIVE, frs2: o.frs2 & EVERY_LANE_POSITIVE }),
  // It widens both singles first, so that a signaling NaN is quiet when the choice is made (V9 B.2.2: the signaling one)
  fnsmuld: (o) => ({
    ...o,
    frs1: singleIsSignaling(o.frs1) ? 0n : o.frs1,
    frs2: singleIsSignaling(o.frs2) ? 0n : o.frs2,
  }),
}

const inEveryModel = new Set(makeRows([]).map(({ pattern }) => pattern))
const rows = makeRows(INSTRUCTION_SETS).filter(
  (row) => !inEveryModel.has(row.pattern) && !(row.name in NOT_ON_QEMU) && wordOnRegisters(row) !== undefined,
)

const recorded: Record<string, string> = env.SPARC64_SMP_RECORD === '1' ? {} : JSON.parse(readFileSync(RECORD, 'utf8'))

describe('instructions of the extensions leave what QEMU 10 left, as recorded', () => {
  it('all rows are there', () => {
    expect(rows.length).toBeGreaterThan(110)
    if (env.SPARC64_SMP_RECORD !== '1') expect(Object.keys(recorded)).toEqual(rows.map(keyOf))
  })

  it('on random operands', SLOW, () => {
    if (env.SPARC64_SMP_RECORD === '1') {
      for (const row of rows) recorded[keyOf(row)] = digest(onQemu(row, casesOf(row)))
      writeFileSync(RECORD, `${JSON.stringify(recorded, null, 2)}\n`)
    }
    const wrong = rows.filter((row) => digest(onMachine(row, casesOf(row))) !== recorded[keyOf(row)])
    expect(wrong.map(keyOf)).toEqual([])
  })
})

/** Rows of one name differ by the condition code they set. */
function keyOf({ name, syntax }: Instruction): string {
  return `${name} ${syntax}`
}

function casesOf(row: Instruction): Operands[] {
  const random = new Random(1000 + row.pattern.length + row.name.length * 31)
  const tame = TAMED[row.name] ?? ((operands: Operands) => operands)
  return Array.from({ length: RECORDED_CASES }, () => tame(randomOperands(random)))
}

function onMachine(row: Instruction, cases: readonly Operands[]): Left[] {
  const lefts = runOnMachine(wordOnRegisters(row)!, cases, { model: 'sparc-t4', emulation: 'hardware' })
  return lefts.map(withoutUnderflowOfTheLeastNormal)
}

function onQemu(row: Instruction, cases: readonly Operands[]): Left[] {
  return runOnQemu(newerQemu(), wordOnRegisters(row)!, cases).map(withoutUnderflowOfTheLeastNormal)
}

/** A result below the least normal number that rounds to it: QEMU sees no underflow, UltraSPARC does (UltraSPARC-I 14.3.2). */
function withoutUnderflowOfTheLeastNormal(left: Left): Left {
  const UNDERFLOW = 0x84n
  const least = [left.frd & 0x7fff_ffff_ffff_ffffn, (left.frd >> 32n) & 0x7fff_ffffn]
  const rounded = least[0] === 1n << 52n || least[1] === 1n << 23n
  return rounded ? { ...left, fsr: left.fsr & ~UNDERFLOW } : left
}

function hex(values: Readonly<Record<string, bigint>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.toString(16)]))
}

function digest(lefts: readonly Left[]): string {
  return createHash('sha256')
    .update(JSON.stringify(lefts.map(hex)))
    .digest('hex')
    .slice(0, 32)
}
