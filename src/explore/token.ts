import { isDrainSegment, lengthOf, type Schedule, type Segment } from './explorable'

/** Configuration of a scenario: names and plain values. */
export type TokenConfiguration = { readonly [name: string]: string | number | boolean }

/** All that it takes to execute a schedule again. */
export interface ReplayToken {
  /** Which version of the emulator's semantics the schedule belongs to. */
  readonly semantics: string
  readonly scenario: string
  readonly configuration: TokenConfiguration
  readonly schedule: Schedule
  /** Hash of the machine at the end of the schedule. */
  readonly replayHash: bigint
}

export type TokenFault =
  /** Not a token, or changed on the way. */
  | 'damaged-token'
  /** A token of another version of the token format. */
  | 'other-format'
  /** A schedule of other semantics: it would mean another run. */
  | 'other-semantics'
  /** A scenario or configuration that is not known here. */
  | 'unknown-scenario'
  /** The schedule asks for a step that cannot be made, or ends in another state. */
  | 'schedule-does-not-fit'

/** A replay token that is refused: `fault` says why. */
export class TokenError extends Error {
  override readonly name = 'TokenError'
  constructor(
    readonly fault: TokenFault,
    message: string,
  ) {
    super(message)
  }
}

const FORMAT = 1
/** Added to the CPU of a segment of drains: more than any CPU's number. */
const DRAINS = 128
const PREFIX = 'smp'
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const LONGEST = 1 << 20
/** A schedule with more steps is none that a search gave. */
const MOST_STEPS = 1e7

/** Printable: `smp`, then base64url. */
export function formatToken(token: ReplayToken): string {
  const out: number[] = [FORMAT]
  const text = (value: string) => {
    const bytes = new TextEncoder().encode(value)
    number(out, bytes.length)
    out.push(...bytes)
  }
  text(token.semantics)
  text(token.scenario)
  const names = Object.keys(token.configuration).sort()
  text(JSON.stringify(names.map((name) => [name, token.configuration[name]])))
  number(out, token.schedule.length)
  for (const segment of token.schedule) {
    number(out, isDrainSegment(segment) ? segment.cpu + DRAINS : segment.cpu)
    number(out, lengthOf(segment))
  }
  for (let shift = 56n; shift >= 0n; shift -= 8n) out.push(Number((token.replayHash >> shift) & 0xffn))
  const sum = checksum(out)
  for (const shift of [24, 16, 8, 0]) out.push((sum >>> shift) & 0xff)
  return PREFIX + encode(out)
}

/** @throws TokenError 'damaged-token' or 'other-format' */
export function parseToken(token: string): ReplayToken {
  if (!token.startsWith(PREFIX)) throw damaged(`expected it to begin with '${PREFIX}'`)
  if (token.length > LONGEST) throw damaged(`it is longer than ${LONGEST} characters`)
  const bytes = decode(token.slice(PREFIX.length))
  if (bytes.length < 14) throw damaged('it is too short')
  const body = bytes.slice(0, -4)
  const sum = bytes.slice(-4).reduce((word, byte) => ((word << 8) | byte) >>> 0, 0)
  if (sum !== checksum(body)) throw damaged('its checksum does not agree')
  if (body[0] !== FORMAT)
    throw new TokenError('other-format', `replay token of format ${body[0]}, expected format ${FORMAT}`)
  const reader = new Reader(body)
  const semantics = reader.text()
  const scenario = reader.text()
  const configuration = parseConfiguration(reader.text())
  const schedule: Segment[] = []
  let steps = 0
  for (let left = reader.number(); left > 0; left--) {
    const cpu = reader.number()
    const length = reader.number()
    const segment: Segment = cpu < DRAINS ? { cpu, steps: length } : { cpu: cpu - DRAINS, stores: length }
    steps += length
    if (length === 0 || steps > MOST_STEPS) throw damaged(`its schedule has no or more than ${MOST_STEPS} steps`)
    schedule.push(segment)
  }
  let replayHash = 0n
  for (let i = 0; i < 8; i++) replayHash = (replayHash << 8n) | BigInt(reader.byte())
  if (!reader.atEnd) throw damaged('it has bytes after its end')
  return { semantics, scenario, configuration, schedule, replayHash }
}

function parseConfiguration(json: string): TokenConfiguration {
  const configuration: Record<string, string | number | boolean> = {}
  try {
    for (const [name, value] of JSON.parse(json) as [string, unknown][]) {
      if (typeof name !== 'string' || !['string', 'number', 'boolean'].includes(typeof value)) throw damaged('')
      configuration[name] = value as string | number | boolean
    }
  } catch {
    throw damaged('its configuration cannot be read')
  }
  return configuration
}

class Reader {
  private at = 1

  constructor(private readonly bytes: readonly number[]) {}

  get atEnd(): boolean {
    return this.at === this.bytes.length
  }

  byte(): number {
    const byte = this.bytes[this.at++]
    if (byte === undefined) throw damaged('it ends too early')
    return byte
  }

  /** Base 128, least significant first. */
  number(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      if (scale > 2 ** 42) throw damaged('it has a number that is too large')
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte < 128) return value
    }
  }

  text(): string {
    const length = this.number()
    if (length > this.bytes.length - this.at) throw damaged('it ends too early')
    const bytes = this.bytes.slice(this.at, (this.at += length))
    return new TextDecoder().decode(new Uint8Array(bytes))
  }
}

function number(out: number[], value: number): void {
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128)
  out.push(rest)
}

/** CRC-32 (IEEE 802.3). */
function checksum(bytes: readonly number[]): number {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

function encode(bytes: readonly number[]): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const digits = Math.min(4, bytes.length - i + 1)
    for (let d = 0; d < digits; d++) text += ALPHABET[(word >>> (18 - 6 * d)) & 63]
  }
  return text
}

function decode(text: string): number[] {
  if (text.length % 4 === 1) throw damaged('its length is not that of a token')
  const bytes: number[] = []
  for (let i = 0; i < text.length; i += 4) {
    let word = 0
    const digits = Math.min(4, text.length - i)
    for (let d = 0; d < 4; d++) {
      const value = d < digits ? ALPHABET.indexOf(text[i + d]!) : 0
      if (value < 0) throw damaged(`it has the character ${JSON.stringify(text[i + d])}`)
      word = (word << 6) | value
    }
    const unused = digits === 4 ? 0 : digits === 3 ? 0xff : 0xffff
    if (word & unused) throw damaged('its last character is not one of a token')
    for (let d = 0; d < digits - 1; d++) bytes.push((word >>> (16 - 8 * d)) & 0xff)
  }
  return bytes
}

function damaged(why: string): TokenError {
  return new TokenError('damaged-token', `damaged replay token: ${why}`)
}
