import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { afterAll, describe, expect, it } from 'vitest'
import { assemble } from '../../src/isa'
import { bareMachine, PROGRAM, setWindowVectors } from '../engine/bare-machine'
import { requireTool } from '../support/tools'
import { DUMP_BYTES, type ProgramKinds, randomProgram, SCRATCH_BYTES } from './random-program'

const emulator = requireTool('qemu-sparc64', 'qemu-user')
const PROGRAMS = Number(env.SPARC64_SMP_RANDOM_PROGRAMS ?? 30)
const FIRST_SEED = Number(env.SPARC64_SMP_RANDOM_SEED ?? 1)
const LONGEST_RUN = 200_000
const OUTPUT_BYTES = SCRATCH_BYTES + DUMP_BYTES

describe.skipIf(emulator === undefined)('random programs end as on qemu-sparc64', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-'))
  afterAll(() => rmSync(directory, { recursive: true }))

  const kinds: readonly (readonly [string, ProgramKinds])[] = [
    ['integer', { float: false, vis: false }],
    ['floating-point', { float: true, vis: false }],
    ['VIS', { float: false, vis: true }],
  ]

  it.each(kinds)('%s', { timeout: 600_000 }, (_, kind) => {
    let compared = 0
    for (let seed = FIRST_SEED; seed < FIRST_SEED + PROGRAMS; seed++) {
      const source = randomProgram(seed, kind)
      const ours = onMachine(source)
      if (ours === undefined) continue
      compared++
      const theirs = onQemu(source, directory)
      expect(difference(source, ours, theirs), `seed ${seed}`).toBeUndefined()
    }
    expect(compared).toBeGreaterThan(PROGRAMS * 0.6)
  })
})

/** What the program leaves behind, or undefined if it met a number that the CPU leaves to software (UltraSPARC-I 14.3). */
function onMachine(source: string): Uint8Array | undefined {
  const { machine, at } = bareMachine(source, { ramBytes: 4 << 20, emulation: 'hardware' })
  setWindowVectors(machine)
  machine.addBreakpoint(at('finish'))
  let unfinished = false
  machine.events.on('trap', ({ name }) => {
    unfinished ||= name === 'fp_exception_other'
  })
  const { reason } = machine.run(LONGEST_RUN)
  if (unfinished) return undefined
  expect([reason, machine.cpus[0]!.get('pc')]).toEqual(['breakpoint', at('finish')])
  return machine.memory.readBytes(Number(at('scratch')), OUTPUT_BYTES)
}

function onQemu(source: string, directory: string): Uint8Array {
  const file = join(directory, 'program')
  writeFileSync(file, elf(assemble(source, { origin: PROGRAM }).bytes), { mode: 0o755 })
  // One instruction a block: over longer ones qemu 7.2 mixes up the halves of a pair of single registers
  return new Uint8Array(execFileSync(emulator!, ['-singlestep', file]))
}

/** The words that differ, or undefined. */
function difference(source: string, ours: Uint8Array, theirs: Uint8Array): string | undefined {
  expect(theirs).toHaveLength(OUTPUT_BYTES)
  const [a, b] = [new DataView(ours.buffer, ours.byteOffset), new DataView(theirs.buffer, theirs.byteOffset)]
  const lines: string[] = []
  for (let offset = 0; offset < OUTPUT_BYTES; offset += 8) {
    const [x, y] = [a.getBigUint64(offset), b.getBigUint64(offset)]
    if (x !== y) lines.push(`${place(offset)}: ours 0x${x.toString(16)} theirs 0x${y.toString(16)}`)
  }
  return lines.length === 0 ? undefined : `${lines.join('\n')}\n${source.slice(0, 200)}`
}

function place(offset: number): string {
  return offset < SCRATCH_BYTES ? `scratch + ${offset}` : `dump + ${offset - SCRATCH_BYTES}`
}

/** An ELF file of one segment: the bytes, loaded writable and executable at {@link PROGRAM}. */
function elf(bytes: Uint8Array): Uint8Array {
  const HEADERS = 64 + 56
  const PAGE = 0x2000
  const EM_SPARCV9 = 43
  const file = new Uint8Array(PAGE + bytes.length)
  const view = new DataView(file.buffer)
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 2, 1])
  view.setUint16(16, 2)
  view.setUint16(18, EM_SPARCV9)
  view.setUint32(20, 1)
  view.setBigUint64(24, PROGRAM)
  view.setBigUint64(32, 64n)
  view.setUint16(52, 64)
  view.setUint16(54, HEADERS - 64)
  view.setUint16(56, 1)
  view.setUint32(64, 1)
  view.setUint32(68, 7)
  view.setBigUint64(72, BigInt(PAGE))
  view.setBigUint64(80, PROGRAM)
  view.setBigUint64(88, PROGRAM)
  view.setBigUint64(96, BigInt(bytes.length))
  view.setBigUint64(104, BigInt(bytes.length))
  view.setBigUint64(112, BigInt(PAGE))
  file.set(bytes, PAGE)
  return file
}
