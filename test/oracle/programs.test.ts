import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { sparcSignal } from '../../scripts/proofs/verdict'
import { elfPath, expectedOutput, readManifest } from '../programs/manifest'
import { requireTool } from '../support/tools'

const qemu = requireTool('qemu-sparc64', 'qemu-user')

const cases = readManifest().programs.flatMap((program) =>
  program.cases.map((programCase) => ({
    title: [program.name, ...programCase.args].join(' '),
    path: elfPath(program),
    programCase,
  })),
)

function runQemu(path: string, args: string[]): { exit: number; stdout: string } {
  const { error, status, signal, stdout } = spawnSync(qemu!, [path, ...args], { encoding: 'latin1', timeout: 60_000 })
  if (error) throw error
  if (signal === null) return { exit: status!, stdout }
  return { exit: 128 + sparcSignal(signal), stdout }
}

describe.skipIf(!qemu)('the recorded outputs of the test programs', () => {
  it.each(cases.filter(({ programCase }) => !programCase.qemuDiffers))('are those of qemu-sparc64: $title', (one) => {
    const { exit, stdout } = runQemu(one.path, one.programCase.args)
    expect(stdout).toBe(expectedOutput(one.programCase).toString('latin1'))
    expect(exit).toBe(one.programCase.exit)
  })
})
