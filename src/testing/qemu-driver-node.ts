import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { GdbClient } from './gdb-client-node'
import { DriverError, type MmuDriver } from './mmu-driver'
import { MonitorDriver, type MonitorHost } from './monitor-driver'
import { MONITOR_RAM_BYTES } from './monitor-program'

export { GdbClient } from './gdb-client-node'

export interface QemuDriverOptions {
  /** The executable; default `qemu-system-sparc64` from PATH. */
  readonly binary?: string
  /** QEMU's name of the CPU; default `TI UltraSparc II`. */
  readonly cpu?: string
  /** Milliseconds for QEMU to start and for each of its answers; default 10,000. */
  readonly timeoutMs?: number
}

/** Of the PC among GDB's registers of sparc64: behind %r0 .. %r31, %f0 .. %f31 and %d32 .. %d62. */
const PC_OFFSET = 32 * 8 + 32 * 4 + 16 * 8
const DEBIAN_PACKAGE = 'qemu-system-sparc'
const MOST_STDERR = 2000
/** A process that dies closes its connection first. */
const DYING_MS = 500

/** What QEMU 7.2 does otherwise; inputs in test/oracle/known-faults.md. */
const DEVIATIONS: MmuDriver['deviations'] = {
  'direct-pointer': 'a load of the direct pointer takes data_access_error',
  'illegal-asi': 'illegal ASIs, addresses and directions take data_access_error',
  'illegal-asi-size': 'loads of 4 bytes from MMU registers go through',
  'no-fault-only': 'non-faulting loads of a page with NFO fault, too',
  'no-fault-with-mmu-off': 'non-faulting loads go through while the D-MMU is off',
  'nucleus-with-mmu-off': 'ASI_NUCLEUS translates while the D-MMU is off',
  'privileged-action-sfsr': 'privileged_action is not recorded',
  'reserved-bits': 'reserved bits of registers and entries read as they were written',
  'sfar-offset': 'SFAR of a translation fault is the address of its page',
  'sfsr-asi': 'SFSR.ASI is 0',
  'sfsr-side-effect': 'SFSR.E is 0',
  'uncacheable-atomics': 'atomics and quad loads of pages without CP go through',
  'virtual-address-hole': 'no address is out of range',
  watchpoints: 'watchpoints never trap',
}

/**
 * An UltraSPARC II of qemu-system-sparc64, driven over its GDB stub by code that it executes itself. One process, which
 * {@link MmuDriver.close} ends; it also ends with this one.
 * @throws DriverError if QEMU is missing, does not start, dies or does not answer
 */
export async function qemuDriver(options: QemuDriverOptions = {}): Promise<MmuDriver> {
  const host = new QemuHost(options)
  try {
    await host.connect()
    return await new MonitorDriver(host).start()
  } catch (error) {
    await host.close()
    throw error
  }
}

class QemuHost implements MonitorHost {
  readonly name: string
  readonly model = 'spitfire'
  readonly deviations = DEVIATIONS
  readonly writesFast = false
  private readonly directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-qemu-'))
  private readonly process: ChildProcess
  private readonly timeoutMs: number
  private readonly ended: Promise<void>
  private client: GdbClient | undefined
  private breakpoint: bigint | undefined
  private death: DriverError | undefined
  private complaints = ''
  private readonly endWithParent = () => this.process.kill('SIGKILL')

  constructor({ binary = 'qemu-system-sparc64', cpu = 'TI UltraSparc II', timeoutMs = 10_000 }: QemuDriverOptions) {
    this.name = `${binary}, ${cpu}`
    this.timeoutMs = timeoutMs
    const rom = join(this.directory, 'rom')
    const NOP = [0x01, 0, 0, 0]
    writeFileSync(
      rom,
      Uint8Array.from({ length: 256 }, (_, n) => NOP[n % 4]!),
    )
    this.process = spawn(
      binary,
      [
        ...['-M', 'sun4u', '-cpu', cpu, '-m', `${MONITOR_RAM_BYTES >> 20}`, '-bios', rom],
        ...['-nographic', '-vga', 'none', '-net', 'none', '-serial', 'none', '-monitor', 'none'],
        ...['-S', '-gdb', `unix:${this.socket},server=on,wait=off`],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    this.process.stderr?.on('data', (text: Buffer) => {
      this.complaints = (this.complaints + text.toString()).slice(-MOST_STDERR)
    })
    this.ended = new Promise((resolve) => {
      this.process.once('error', (error: NodeJS.ErrnoException) => {
        this.die(
          error.code === 'ENOENT'
            ? `${binary} was not found: install the Debian package ${DEBIAN_PACKAGE}`
            : `${binary} cannot be started: ${error.message}`,
        )
        resolve()
      })
      this.process.once('close', (code, signal) => {
        const [said = ''] = this.complaints.trim().split('\n')
        this.die(`${binary} ended with ${signal ?? `exit code ${code}`}${said === '' ? '' : `: ${said}`}`)
        resolve()
      })
    })
    process.once('exit', this.endWithParent)
  }

  async connect(): Promise<void> {
    this.client = await this.orDeath(GdbClient.connect(this.socket, this.timeoutMs))
    await this.orDeath(this.client.usePhysicalMemory())
  }

  read(pa: bigint, length: number): Promise<Uint8Array> {
    return this.orDeath(this.client!.read(pa, length))
  }

  write(pa: bigint, bytes: Uint8Array): Promise<void> {
    return this.orDeath(this.client!.write(pa, bytes))
  }

  async run(pc: bigint, end: bigint): Promise<void> {
    await this.orDeath(this.runClient(this.client!, pc, end))
  }

  async close(): Promise<void> {
    process.off('exit', this.endWithParent)
    this.client?.close()
    this.process.kill('SIGKILL')
    await this.ended
    rmSync(this.directory, { recursive: true, force: true })
  }

  private get socket(): string {
    return join(this.directory, 'gdb')
  }

  private async runClient(client: GdbClient, pc: bigint, end: bigint): Promise<void> {
    if (this.breakpoint !== end) {
      await client.addBreakpoint(end)
      this.breakpoint = end
    }
    const stop = await client.continueAt(pc)
    const at = Buffer.from(await client.registers()).readBigUInt64BE(PC_OFFSET)
    if (at !== end)
      throw new DriverError(`${this.name}: the monitor did not come back: ${stop} at 0x${at.toString(16)}`)
  }

  private die(message: string): void {
    this.death ??= new DriverError(message)
    this.client?.close()
  }

  /** What an operation gives; if the process ended meanwhile, that is the error. */
  private async orDeath<T>(operation: Promise<T>): Promise<T> {
    const ended = this.ended.then(() => Promise.reject(this.death))
    try {
      return await Promise.race([operation, ended])
    } catch (error) {
      operation.catch(() => {})
      if (this.client?.failed) await Promise.race([this.ended, delay(DYING_MS)])
      throw this.death ?? error
    }
  }
}
