import { readFileSync } from 'node:fs'
import { argv } from 'node:process'
import { runProgram } from '../src/linux-user'
import { cpuSecondsOf, cpuTime } from './cpu-time'
import { findTool } from './find-tool'
import { type Measured, measuredOf, medianOf, report } from './report'

/** Instructions per second of the reference engine on a C program, and of qemu-sparc64 on the same in the same minute; processor time. */

const PROGRAM = 'test/programs/elf/crc32'
const RUNS = 5
/** A run takes it a tenth of a second, of which the system counts hundredths. */
const QEMU_RUNS = 5
const elf = readFileSync(PROGRAM)
const quick = argv.includes('--quick')

function ours(): { seconds: number; instructions: number } {
  const began = cpuTime()
  const { exitCode, stats } = runProgram({ elf, name: 'crc32' })
  if (exitCode !== 0) throw new Error(`crc32 ended with ${exitCode}`)
  return { seconds: (cpuTime() - began) / 1000, instructions: stats.instructions[0]! }
}

const { instructions } = ours()
const qemuPath = findTool('qemu-sparc64')
const mips: number[] = []
const qemuMips: number[] = []
const ratios: number[] = []
for (let run = 0; run < (quick ? 1 : RUNS); run++) {
  const seconds = ours().seconds
  mips.push(instructions / seconds / 1e6)
  if (qemuPath === undefined) continue
  const other = cpuSecondsOf(qemuPath, [PROGRAM], QEMU_RUNS)
  qemuMips.push(instructions / other / 1e6)
  ratios.push(seconds / other)
}
const measured: Measured[] = [{ ...measuredOf('reference engine', 'MIPS', mips), goal: '>= 6' }]
if (qemuPath !== undefined)
  measured.push(measuredOf('qemu-sparc64 (user mode, translated, whole process)', 'MIPS', qemuMips))
report('instructions', measured, {
  program: 'crc32',
  instructions,
  ...(qemuPath === undefined
    ? { qemu: 'not installed' }
    : { timesSlowerThanQemu: Number(medianOf(ratios).toFixed(1)) }),
})
