import type { MmuRegister, RegisterPorts } from './registers'

/** A model's registers by ASI and virtual address. */
export class RegisterMap {
  private readonly byAsi = new Map<number, MmuRegister[]>()

  constructor(registers: readonly MmuRegister[]) {
    for (const register of registers) {
      const rows = this.byAsi.get(register.asi)
      if (rows) rows.push(register)
      else this.byAsi.set(register.asi, [register])
    }
  }

  handles(asi: number): boolean {
    return this.byAsi.has(asi)
  }

  find(asi: number, va: bigint): MmuRegister | undefined {
    return this.byAsi.get(asi)?.find((row) => (va & ~(row.operand ?? 0n)) === row.va)
  }

  /** @throws RangeError if there is no readable register there. */
  load(ports: RegisterPorts, asi: number, va: bigint): bigint {
    const read = this.find(asi, va)?.read
    if (!read) throw new RangeError(`no readable MMU register at ASI 0x${asi.toString(16)}, VA 0x${va.toString(16)}`)
    return read(ports, va)
  }

  /** @throws RangeError if there is no writable register there. */
  store(ports: RegisterPorts, asi: number, va: bigint, value: bigint): void {
    const write = this.find(asi, va)?.write
    if (!write) throw new RangeError(`no writable MMU register at ASI 0x${asi.toString(16)}, VA 0x${va.toString(16)}`)
    write(ports, va, BigInt.asUintN(64, value))
  }
}
