import { spawnSync } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { UsageError } from './arguments'

/** The first that computes most of VIS as the manuals say. */
const FIRST_VERSION = 10

/**
 * The qemu-sparc64 that SPARC64_SMP_QEMU names; without it that of PATH or, if that is too old, the one that scripts/fetch-qemu.sh
 * has unpacked.
 *
 * @throws UsageError unless it is version 10 or later
 */
export function newerQemu(): string {
  const named = env.SPARC64_SMP_QEMU
  const unpacked = join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sparc64-smp/qemu/usr/bin/qemu-sparc64')
  const tools = named ? [named] : ['qemu-sparc64', unpacked]
  const found = tools.find((tool) => Number(versionOf(tool)) >= FIRST_VERSION)
  if (found !== undefined) return found
  const version = versionOf(tools[0]!)
  const state = version === undefined ? 'cannot be run' : `is version ${version}`
  throw new UsageError(
    `${tools[0]} ${state}, needed is ${FIRST_VERSION}: Debian's package qemu-user of bookworm-backports, which ` +
      'scripts/fetch-qemu.sh unpacks',
  )
}

function versionOf(tool: string): string | undefined {
  const { stdout } = spawnSync(tool, ['--version'], { encoding: 'utf8' })
  return /version (\d+)\./.exec(stdout ?? '')?.[1]
}
