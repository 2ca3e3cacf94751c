import { connect, type Socket } from 'node:net'
import { DriverError } from './mmu-driver'

const CONNECT_RETRY_MS = 20
/** Bytes of memory in one packet: QEMU's stub takes 4096 characters. */
const MOST_BYTES = 1024
const INTERRUPT = Buffer.from([3])

interface Waiting {
  readonly resolve: (packet: string) => void
  readonly reject: (error: Error) => void
}

/** A client of the GDB remote serial protocol over a UNIX socket: memory, registers, breakpoints, continue. */
export class GdbClient {
  private received = ''
  private waiting: Waiting | undefined
  private failure: Error | undefined

  private constructor(
    private readonly socket: Socket,
    private readonly timeoutMs: number,
  ) {
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => this.take(text))
    socket.on('error', (error) => this.fail(new DriverError(`the GDB connection broke: ${error.message}`)))
    socket.on('close', () => this.fail(new DriverError('the GDB connection was closed')))
  }

  /**
   * Connects to a stub, which may not have made its socket yet.
   * @param timeoutMs how long to wait for the connection and for each answer
   * @throws DriverError
   */
  static async connect(path: string, timeoutMs: number): Promise<GdbClient> {
    const until = performance.now() + timeoutMs
    while (true) {
      try {
        return new GdbClient(await open(path), timeoutMs)
      } catch (error) {
        if (performance.now() >= until) throw new DriverError(`cannot connect to ${path}: ${(error as Error).message}`)
        await new Promise((resolve) => setTimeout(resolve, CONNECT_RETRY_MS))
      }
    }
  }

  /** Whether the connection is of no use any more. */
  get failed(): boolean {
    return this.failure !== undefined
  }

  /** Memory is physical from now on. @throws DriverError if the stub does not know that (QEMU does since 4.1) */
  async usePhysicalMemory(): Promise<void> {
    await this.ok('Qqemu.PhyMemMode:1')
  }

  async read(address: bigint, length: number): Promise<Uint8Array> {
    const bytes = Buffer.alloc(length)
    for (let done = 0; done < length; done += MOST_BYTES) {
      const part = Math.min(MOST_BYTES, length - done)
      const hex = await this.ask(`m${(address + BigInt(done)).toString(16)},${part.toString(16)}`)
      if (hex.length !== part * 2) throw new DriverError(`the GDB stub read ${hex} where ${part} bytes were asked for`)
      bytes.write(hex, done, 'hex')
    }
    return bytes
  }

  async write(address: bigint, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; done += MOST_BYTES) {
      const part = Buffer.from(bytes.subarray(done, done + MOST_BYTES))
      await this.ok(`M${(address + BigInt(done)).toString(16)},${part.length.toString(16)}:${part.toString('hex')}`)
    }
  }

  /** All registers, as the stub packs them. */
  async registers(): Promise<Uint8Array> {
    return Buffer.from(await this.ask('g'), 'hex')
  }

  async addBreakpoint(address: bigint): Promise<void> {
    await this.ok(`Z0,${address.toString(16)},4`)
  }

  /**
   * Lets the CPU run from an address until it stops by itself; gives the stub's stop reply.
   * @throws DriverError if it does not within the time limit: it is interrupted then
   */
  async continueAt(address: bigint): Promise<string> {
    try {
      return await this.ask(`c${address.toString(16)}`)
    } catch (error) {
      this.socket.write(INTERRUPT)
      throw error
    }
  }

  close(): void {
    this.failure ??= new DriverError('the GDB connection is closed')
    this.socket.destroy()
  }

  private async ok(command: string): Promise<void> {
    const answer = await this.ask(command)
    if (answer !== 'OK') throw new DriverError(`the GDB stub answered '${answer}' to '${command.slice(0, 40)}'`)
  }

  private ask(command: string): Promise<string> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    if (this.waiting !== undefined) return Promise.reject(new DriverError('the GDB stub was asked twice at once'))
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.fail(new DriverError(`no answer to '${command.slice(0, 40)}' within ${this.timeoutMs} ms`)),
        this.timeoutMs,
      )
      const settle =
        <T>(how: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer)
          how(value)
        }
      this.waiting = { resolve: settle(resolve), reject: settle(reject) }
      this.socket.write(`$${command}#${checksum(command)}`)
    })
  }

  private take(text: string): void {
    this.received += text
    const packet = /^[+-]*\$([^#]*)#([\da-f]{2})/i.exec(this.received)
    if (packet === null) return
    this.received = this.received.slice(packet[0].length)
    const [, body = '', sum = ''] = packet
    this.socket.write('+')
    const { waiting } = this
    this.waiting = undefined
    if (checksum(body) === sum.toLowerCase()) waiting?.resolve(unescaped(body))
    else waiting?.reject(new DriverError('the GDB stub sent a packet with a wrong checksum'))
  }

  /** The connection is of no use any more. */
  private fail(error: Error): void {
    this.failure ??= error
    const { waiting } = this
    this.waiting = undefined
    waiting?.reject(this.failure)
  }
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

function checksum(body: string): string {
  let sum = 0
  for (let n = 0; n < body.length; n++) sum = (sum + body.charCodeAt(n)) & 0xff
  return sum.toString(16).padStart(2, '0')
}

/** Undoes `}` escapes and run lengths. */
function unescaped(body: string): string {
  return body
    .replace(/}(.)/gs, (_, character: string) => String.fromCharCode(character.charCodeAt(0) ^ 0x20))
    .replace(/(.)\*(.)/gs, (_, character: string, count: string) => character.repeat(count.charCodeAt(0) - 28))
}
