import { spawnSync } from 'node:child_process'
import { env } from 'node:process'
import { UsageError } from './arguments'

/** The first that computes most of VIS as the manuals say. */
const FIRST_VERSION = 10

/**
 * The qemu-sparc64 that SPARC64_SMP_QEMU names, else that of PATH.
 *
 * @throws UsageError unless it is version 10 or later
 */
export function newerQemu(): string {
  const tool = env.SPARC64_SMP_QEMU ?? 'qemu-sparc64'
  const { stdout } = spawnSync(tool, ['--version'], { encoding: 'utf8' })
  const version = /version (\d+)\./.exec(stdout ?? '')?.[1]
  if (Number(version) >= FIRST_VERSION) return tool
  const found = version === undefined ? 'cannot be run' : `is version ${version}`
  throw new UsageError(
    `${tool} ${found}, needed is ${FIRST_VERSION}: Debian's package qemu-user of bookworm-backports, which ` +
      'scripts/fetch-qemu.sh unpacks: export SPARC64_SMP_QEMU="$(scripts/fetch-qemu.sh)"',
  )
}
