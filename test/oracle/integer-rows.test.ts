import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compilePattern, type Instruction, withField } from '../../src/isa'
import { conditionalMoveRows } from '../../src/isa/instructions/conditional-move'
import { integerRows } from '../../src/isa/instructions/integer'
import { multiplyDivideRows } from '../../src/isa/instructions/multiply-divide'
import { shiftRows } from '../../src/isa/instructions/shift'
import { IntegerSemantics } from '../isa/integer-semantics'
import { requireTool } from '../support/tools'

const emulator = requireTool('qemu-sparc64', 'qemu-user')
const assembler = requireTool('sparc64-linux-gnu-as', 'binutils-sparc64-linux-gnu')
const linker = requireTool('sparc64-linux-gnu-ld', 'binutils-sparc64-linux-gnu')

interface Operands {
  readonly rs1: bigint
  readonly rs2: bigint
  readonly rd: bigint
  readonly y: bigint
  readonly ccr: bigint
}

const [RS1, RS2, RD] = [1, 2, 3]
const INTERESTING = [
  0n,
  1n,
  2n,
  3n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  1n << 63n,
  (1n << 63n) - 1n,
]
const IMMEDIATES = [1, 2, 31, 0x7ff, -1, -2, -4096]

describe.skipIf(emulator === undefined || assembler === undefined || linker === undefined)('integer rows', () => {
  it('give rd, Y and condition codes as qemu does', { timeout: 120_000 }, () => {
    const rows = [...integerRows(), ...multiplyDivideRows(), ...shiftRows(), ...conditionalMoveRows()].filter(
      ({ name, syntax }) => !name.endsWith('tv') && !syntax.includes('%fcc'),
    )
    const cases = rows.flatMap((row) => wordsOf(row).map((word) => ({ row, word })))
    const operands = operandTable(120)
    const results = runOnQemu(
      cases.map(({ word }) => word),
      operands,
    )
    const wrong: string[] = []
    let at = 0
    for (const { row, word } of cases) {
      for (const given of operands) {
        const theirs = { rd: results[at]!, y: results[at + 1]!, ccr: results[at + 2]! }
        at += 3
        const ours = execute(row, word, given)
        if (show(ours) !== show(theirs)) {
          wrong.push(`${row.name} ${word.toString(16)} of ${show(given)}: ${show(ours)} | ${show(theirs)}`)
        }
      }
    }
    expect(at).toBe(results.length)
    expect(wrong.slice(0, 20)).toEqual([])
  })
})

function execute(row: Instruction, word: number, { rs1, rs2, rd, y, ccr }: Operands) {
  const semantics = new IntegerSemantics()
  Object.assign(semantics, { r1: rs1, r2: rs2, rd_: rd, yRegister: y, codes: ccr })
  semantics.immediate = () => BigInt(word & 0x3f_ffff) << 10n
  semantics.runWord(row, word)
  return { rd: semantics.rd_, y: semantics.yRegister, ccr: semantics.codes }
}

/** One word on registers and some with immediates; no divisor is 0. */
function wordsOf(row: Instruction): number[] {
  const { value, fields, hasI, immediate } = compilePattern(row.pattern)
  const has = (name: string) => fields.some((field) => field.name === name)
  let onRegisters = value
  if (has('rd')) onRegisters = withField(onRegisters, 'rd', RD)
  if (has('rs1')) onRegisters = withField(onRegisters, 'rs1', RS1)
  if (has('rs2')) onRegisters = withField(onRegisters, 'rs2', RS2)
  if (!hasI || immediate === undefined) return [withField(onRegisters, 'imm22', 0x2a_aaaa)]
  const withImmediate = withField(onRegisters, 'i', 1)
  const unsigned = immediate.name.startsWith('shcnt')
  return [
    onRegisters,
    ...IMMEDIATES.filter((bits) => !unsigned || bits >= 0).map((bits) =>
      withField(withImmediate, immediate.name, bits),
    ),
  ]
}

function operandTable(count: number): Operands[] {
  let state = 7n
  const random = () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n)
    return state ^ (state >> 29n)
  }
  const pick = () => {
    const way = random() % 4n
    const interesting = INTERESTING[Number(random() % BigInt(INTERESTING.length))]!
    if (way === 0n) return random()
    return way === 1n ? BigInt.asUintN(64, -interesting) : BigInt.asUintN(64, interesting + (random() % 5n))
  }
  const divisor = () => {
    const value = pick()
    return value & 0xffff_ffffn ? value : value | 3n
  }
  return Array.from({ length: count }, () => ({
    rs1: pick(),
    rs2: divisor(),
    rd: pick(),
    y: BigInt.asUintN(32, pick()),
    ccr: random() & 0xffn,
  }))
}

/** Three doublewords for each word and each set of operands: rd, Y, CCR. */
function runOnQemu(words: readonly number[], operands: readonly Operands[]): bigint[] {
  const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-'))
  try {
    const file = (name: string) => join(directory, name)
    writeFileSync(file('a.s'), source(words, operands))
    execFileSync(assembler!, ['-64', '-Av9', '-o', file('a.o'), file('a.s')])
    execFileSync(linker!, ['-o', file('a'), file('a.o')])
    const output = execFileSync(emulator!, [file('a')], { maxBuffer: 2 ** 30 })
    return Array.from({ length: output.length >> 3 }, (_, index) => output.readBigUInt64BE(index * 8))
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function source(words: readonly number[], operands: readonly Operands[]): string {
  const size = words.length * operands.length * 24
  const table = operands.map(({ rs1, rs2, rd, y, ccr }) => `.xword ${[rs1, rs2, rd, y, ccr].map(hex).join(', ')}`)
  const bodies = words.map(
    (word) => `
    setx table, %g4, %l0
  1: ldx [%l0], %g1
    ldx [%l0 + 24], %g4
    wr %g4, 0, %y
    ldx [%l0 + 32], %g4
    wr %g4, 0, %ccr
    ldx [%l0 + 8], %g2
    ldx [%l0 + 16], %g3
    .word ${hex(word)}
    stx %g3, [%l1]
    rd %ccr, %g4
    stx %g4, [%l1 + 16]
    rd %y, %g4
    stx %g4, [%l1 + 8]
    add %l1, 24, %l1
    add %l0, 40, %l0
    cmp %l0, %l2
    bne %xcc, 1b
    nop`,
  )
  return `
    .section .text
    .globl _start
  _start:
    setx out, %g4, %l1
    setx table + ${operands.length * 40}, %g4, %l2
    ${bodies.join('\n')}
    setx out, %g4, %l3
    setx ${size}, %g4, %l4
  2: mov 1, %o0
    mov %l3, %o1
    mov %l4, %o2
    mov 4, %g1
    ta 0x6d
    add %l3, %o0, %l3
    subcc %l4, %o0, %l4
    bne %xcc, 2b
    nop
    mov 0, %o0
    mov 1, %g1
    ta 0x6d
    .section .data
    .align 8
  table:
    ${table.join('\n')}
    .section .bss
    .align 8
  out: .skip ${size}
`
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`
}

function show(values: object): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${hex(value)}`)
    .join(' ')
}
