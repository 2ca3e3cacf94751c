import { spawnSync } from 'node:child_process'
import { sparcSignal, type Verdict } from './verdict'

/**
 * Runs a program in qemu-sparc64.
 *
 * @param seconds after which it is stopped
 * @throws Error when QEMU cannot be started
 */
export function runInQemu(elf: string, seconds: number): Verdict {
  const result = spawnSync('qemu-sparc64', [elf], {
    encoding: 'latin1',
    killSignal: 'SIGKILL',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: seconds * 1000,
  })
  if ((result.error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT') {
    return { kind: 'too-long', limit: `${seconds} s in QEMU` }
  }
  if (result.error) throw new Error(`qemu-sparc64 cannot be run: ${result.error.message}`)
  const { signal, status, stderr, stdout } = result
  const unhandled = /^Unhandled trap: (0x[0-9a-f]+)/m.exec(stderr)?.[1]
  if (unhandled) return { kind: 'broken', message: `QEMU has no signal for trap ${unhandled}` }
  if (signal !== null) return { kind: 'signal', signal: sparcSignal(signal), stdout }
  return { kind: 'exit', code: status!, stdout }
}
