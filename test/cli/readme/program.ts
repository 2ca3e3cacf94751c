import { readFileSync } from 'node:fs'
import { runProgram } from '../../../src'

const { exitCode, stats } = runProgram({
  elf: readFileSync('test/programs/elf/threads-4'),
  cpus: 4,
  policy: 'ipi-trim',
  seed: 1,
  oracle: true,
  onStdout: (bytes) => process.stdout.write(bytes),
})
console.log(exitCode, stats.instructions, stats.contextSwitches, stats.oracle)
