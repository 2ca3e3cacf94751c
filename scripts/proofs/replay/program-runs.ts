import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { FLUSH_POLICIES } from '../../../src/kernel-shim'
import { Program } from '../../../src/linux-user'
import type { Snapshot } from '../../../src/smp'
import type { RandomBits } from '../random-bits'
import { firstDifference, type MadeRun, type ReplayableRun } from './runs'

const PROGRAMS = fileURLToPath(new URL('../../../test/programs/elf/', import.meta.url))
const INSTRUCTIONS_PER_HASH = 10_000
const MOST_HASHES = 8
const RAM_BYTES = 32 << 20
/** Hashes after the first one at which the snapshot is taken. */
const HASHES_TO_SNAPSHOT = 2
const HALVES = [3333, 6667]

/** How a program is started: the same one every time. */
type Start = () => { readonly program: Program; readonly output: readonly string[] }

/** A test program on some CPUs, to its end or for some ten thousand instructions. */
export function programRun(random: RandomBits): ReplayableRun {
  const name = random.pick(readdirSync(PROGRAMS).sort())
  const elf = new Uint8Array(readFileSync(PROGRAMS + name))
  const cpus = random.pick([1, 2, 4])
  const policy = random.pick(FLUSH_POLICIES)
  const seed = random.below(8) === 0 ? undefined : random.bits()
  const quantum = random.pick([10, 100, 1000])
  const start: Start = () => {
    const output: string[] = []
    const onStdout = (bytes: Uint8Array): number => output.push(Buffer.from(bytes).toString('latin1'))
    const options = { cpus, policy, seed, quantum, ramBytes: RAM_BYTES }
    return { program: new Program({ elf, name, ...options, onStdout, onStderr: onStdout }), output }
  }
  const turns = seed === undefined ? 'in turn' : `seed ${seed}`
  return {
    what: `${name} on ${cpus} CPUs, ${policy}, ${turns}, quantum ${quantum}`,
    make: () => makeRun(start),
  }
}

function makeRun(start: Start): MadeRun {
  const { output, program } = start()
  const { machine } = program.kernel
  const wanted: bigint[] = [machine.replayHash()]
  let snapshot: Snapshot | undefined
  let goesOn = true
  while (goesOn && wanted.length <= MOST_HASHES) {
    goesOn = program.run(INSTRUCTIONS_PER_HASH)
    wanted.push(machine.replayHash())
    if (goesOn && wanted.length === 1 + HASHES_TO_SNAPSHOT) snapshot = machine.snapshot()
  }
  const { instructions } = program
  program.dispose()

  const again = (): string | undefined => {
    const other = start()
    const found = hashesOf(other.program, wanted.length, HALVES)
    const difference = firstDifference('again', 'of 10,000 instructions', found, wanted)
    return difference ?? (other.output.join('') === output.join('') ? undefined : 'its output is another one')
  }
  const resumed = (from: Snapshot): string | undefined => {
    const other = start().program
    other.kernel.machine.restore(from)
    const rest = wanted.slice(HASHES_TO_SNAPSHOT)
    const found = hashesOf(other, rest.length, [INSTRUCTIONS_PER_HASH])
    return firstDifference('resumed', 'of 10,000 instructions', found, rest)
  }
  return {
    instructions,
    hashes: wanted,
    repeat: () => ({
      compared: wanted.length + (snapshot === undefined ? 0 : wanted.length - HASHES_TO_SNAPSHOT),
      difference: again() ?? (snapshot && resumed(snapshot)),
    }),
  }
}

/** As many hashes as are wanted, the first before anything runs; the program is of no use afterwards. */
function hashesOf(program: Program, wanted: number, parts: readonly number[]): bigint[] {
  const hashes = [program.kernel.machine.replayHash()]
  while (hashes.length < wanted) {
    parts.every((part) => program.run(part))
    hashes.push(program.kernel.machine.replayHash())
  }
  program.dispose()
  return hashes
}
