import { Machine, type MachineConfig } from '../index'
import { MODELS } from '../isa/index'
import { DriverError, type MmuDriver } from './mmu-driver'
import { MonitorDriver, type MonitorHost } from './monitor-driver'
import { MONITOR_RAM_BYTES } from './monitor-program'

/** The monitor needs some 50 a command, and 10,000 to look for a store. */
const MOST_INSTRUCTIONS = 1_000_000

/** A machine of this library, driven by its own instructions. `config` may choose the model. */
export async function machineDriver(config: Omit<MachineConfig, 'cpus' | 'ramBytes'> = {}): Promise<MmuDriver> {
  return new MonitorDriver(new MachineHost(config)).start()
}

class MachineHost implements MonitorHost {
  readonly deviations = {}
  readonly writesFast = true
  readonly model: MonitorHost['model']
  readonly name: string
  private readonly machine: Machine

  constructor(config: MachineConfig) {
    this.machine = new Machine({ ...config, cpus: 1, ramBytes: MONITOR_RAM_BYTES })
    const { name, mmu } = MODELS[config.model ?? 'ultrasparc-ii']
    this.model = mmu
    this.name = `sparc64-smp, ${name}`
  }

  async read(pa: bigint, length: number): Promise<Uint8Array> {
    return this.machine.memory.readBytes(Number(pa), length)
  }

  async write(pa: bigint, bytes: Uint8Array): Promise<void> {
    this.machine.memory.writeBytes(Number(pa), bytes)
  }

  async run(pc: bigint, end: bigint): Promise<void> {
    const { machine } = this
    machine.addBreakpoint(end)
    try {
      machine.start(0, pc)
      const { reason, instructions } = machine.run(MOST_INSTRUCTIONS)
      if (reason === 'breakpoint') return
      throw new DriverError(
        `${this.name}: the monitor did not come back, but ${reason} after ${instructions} instructions`,
      )
    } finally {
      machine.removeBreakpoint(end)
    }
  }

  async close(): Promise<void> {
    this.machine.dispose()
  }
}
