import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { FLUSH_POLICIES } from '../../../src/kernel-shim'
import { Program } from '../../../src/linux-user'
import type { RandomBits } from '../random-bits'
import { firstDifference, type ReplayedRun } from './runs'

const PROGRAMS = fileURLToPath(new URL('../../../test/programs/elf/', import.meta.url))
const INSTRUCTIONS_PER_HASH = 10_000
const MOST_HASHES = 8
const RAM_BYTES = 32 << 20
const HALVES = [3333, 6667]

/** What a program has come to after a number of hashes. */
interface Course {
  readonly hashes: readonly bigint[]
  readonly output: string
  readonly instructions: number
}

/** A test program on some CPUs, to its end or for some ten thousand instructions. */
export function programRun(random: RandomBits): ReplayedRun {
  const name = random.pick(readdirSync(PROGRAMS).sort())
  const elf = new Uint8Array(readFileSync(PROGRAMS + name))
  const cpus = random.pick([1, 2, 4])
  const policy = random.pick(FLUSH_POLICIES)
  const seed = random.below(8) === 0 ? undefined : random.bits()
  const quantum = random.pick([10, 100, 1000])
  const output: string[] = []
  const start = (): Program => {
    output.length = 0
    const onStdout = (bytes: Uint8Array): number => output.push(Buffer.from(bytes).toString('latin1'))
    return new Program({ elf, name, cpus, policy, seed, quantum, ramBytes: RAM_BYTES, onStdout, onStderr: onStdout })
  }
  const finish = (program: Program, hashes: readonly bigint[]): Course => {
    const course = { hashes, output: output.join(''), instructions: program.instructions }
    program.dispose()
    return course
  }

  const first = start()
  const wanted: bigint[] = [first.kernel.machine.replayHash()]
  let snapshot: ReturnType<Program['kernel']['machine']['snapshot']> | undefined
  let goesOn = true
  while (goesOn && wanted.length <= MOST_HASHES) {
    goesOn = first.run(INSTRUCTIONS_PER_HASH)
    wanted.push(first.kernel.machine.replayHash())
    if (goesOn && wanted.length === 3) snapshot = first.kernel.machine.snapshot()
  }
  const one = finish(first, wanted)

  const second = start()
  const found: bigint[] = [second.kernel.machine.replayHash()]
  while (found.length < wanted.length) {
    for (const part of HALVES) if (!second.run(part)) break
    found.push(second.kernel.machine.replayHash())
  }
  const two = finish(second, found)
  let difference = firstDifference('again', 'of 10,000 instructions', two.hashes, one.hashes)
  if (two.output !== one.output) difference ??= 'its output is another one'

  let compared = 2 * wanted.length
  if (snapshot !== undefined) {
    const resumed = start()
    resumed.kernel.machine.restore(snapshot)
    const later: bigint[] = [resumed.kernel.machine.replayHash()]
    while (later.length < wanted.length - 2) {
      resumed.run(INSTRUCTIONS_PER_HASH)
      later.push(resumed.kernel.machine.replayHash())
    }
    compared += later.length
    difference ??= firstDifference('resumed', 'of 10,000 instructions', finish(resumed, later).hashes, wanted.slice(2))
  }
  const turns = seed === undefined ? 'in turn' : `seed ${seed}`
  return {
    what: `${name} on ${cpus} CPUs, ${policy}, ${turns}, quantum ${quantum}`,
    instructions: one.instructions,
    hashes: compared,
    difference,
  }
}
