import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { PSTATE_PEF } from '../../../src/engine/registers'
import { Machine } from '../../../src/smp'
import { type Batch, ORIGIN } from './batch'

/** What a program leaves of its data, or why it does not end. */
export type Run = { readonly data: Uint8Array } | { readonly failure: string }

const QEMU_CPU = 'TI-UltraSparc-IIi,+vis3,+fmaf,+ima,+float128'
const QEMU_SECONDS = 20

/** Runs the program in qemu-sparc64, through the file `path`. */
export function runInQemu(emulator: string, path: string, { data, executable }: Batch): Run {
  writeFileSync(path, executable, { mode: 0o755 })
  const { error, signal, status, stdout } = spawnSync(emulator, ['-cpu', QEMU_CPU, path], {
    maxBuffer: 2 ** 28,
    timeout: QEMU_SECONDS * 1000,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  rmSync(path)
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT')
    return { failure: `does not end in ${QEMU_SECONDS} s` }
  if (error) throw new Error(`${emulator} cannot be run: ${error.message}`)
  if (signal !== null || status !== 0) return { failure: `ended by ${signal ?? `status ${status}`}` }
  const expected = executable.length - data
  return stdout.length === expected ? { data: stdout } : { failure: `wrote ${stdout.length} bytes, not ${expected}` }
}

const FOUR_MEGABYTES = 4 << 20
const LSU_CACHES_AND_MMUS = 0xfn
/** V, 4 MB, L, CP, CV, W, G: for users, locked, in every context. */
const USER_PAGE = (1n << 63n) | (3n << 61n) | 0x73n
const RAM_BYTES = 16 << 20
const LONGEST = 100_000_000

/** Runs the program in our machine, unprivileged, up to where it would write its data. */
export function runInMachine({ data, executable, finish }: Batch): Run {
  const machine = new Machine({ model: 'sparc-t4', emulation: 'hardware', ramBytes: RAM_BYTES })
  const cpu = machine.cpus[0]!
  for (let pa = 0; pa < RAM_BYTES; pa += FOUR_MEGABYTES) {
    for (const [tagAccess, dataIn] of [
      [0x50, 0x54],
      [0x58, 0x5c],
    ] as const) {
      cpu.mmu.storeAsi(tagAccess, 0x30n, BigInt(pa))
      cpu.mmu.storeAsi(dataIn, 0n, USER_PAGE | BigInt(pa))
    }
  }
  cpu.mmu.storeAsi(0x45, 0n, LSU_CACHES_AND_MMUS)
  machine.memory.writeBytes(ORIGIN, executable)
  machine.start(0, new DataView(executable.buffer).getBigUint64(24))
  cpu.set('pstate', BigInt(PSTATE_PEF))
  cpu.modeChanged()
  let trap: string | undefined
  // There is no trap table: the first trap leads to more of them and ends in RED state
  machine.events.on('trap', ({ name, pc }) => {
    trap ??= `${name} at 0x${pc.toString(16)}`
  })
  machine.engine.breakpoints.add(BigInt(finish))
  const { reason } = machine.run(LONGEST)
  const result: Run =
    trap !== undefined
      ? { failure: `trap ${trap}` }
      : reason === 'breakpoint'
        ? { data: machine.memory.readBytes(ORIGIN + data, executable.length - data).slice() }
        : { failure: `stopped by ${reason}` }
  machine.dispose()
  return result
}
