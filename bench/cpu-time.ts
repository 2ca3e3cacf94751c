import { spawnSync } from 'node:child_process'
import { cpuUsage } from 'node:process'

/** Milliseconds of processor time that this process has used: what else the machine does matters less than on the wall clock. */
export function cpuTime(): number {
  const { user, system } = cpuUsage()
  return (user + system) / 1000
}

/** Seconds of processor time of one of `runs` runs of a command. @throws Error if one fails */
export function cpuSecondsOf(path: string, args: readonly string[], runs: number): number {
  const script = 'n=$1; shift; while [ "$n" -gt 0 ]; do "$@" >/dev/null || exit 1; n=$((n - 1)); done; times'
  const { status, stdout } = spawnSync('/bin/sh', ['-c', script, 'sh', String(runs), path, ...args], {
    encoding: 'utf8',
  })
  const children = stdout.trim().split('\n').at(-1)
  const times = [...(children ?? '').matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s))
  if (status !== 0 || times.length !== 2) throw new Error(`${path} ${args.join(' ')} failed`)
  return (times[0]! + times[1]!) / runs
}
