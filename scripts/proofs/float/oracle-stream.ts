import { spawn } from 'node:child_process'

const NAME_BYTES = 16
const HEADER_BYTES = NAME_BYTES + 8

/** Cases of one operation, as float-oracle.c writes them: lanes of 64 bits, the low one of a value first. */
export interface OracleBlock {
  readonly name: string
  readonly lanes: 1 | 2
  readonly cases: number
  /** `1 + 4 * lanes` lanes a case: rounding mode (bits 1:0) and flags (bits 13:8), three operands, the result. */
  readonly values: BigUint64Array
}

/**
 * Runs the oracle and tells its blocks, in pieces that fit in memory.
 *
 * @throws Error when it fails or its output ends too early
 */
export async function readOracle(
  program: string,
  args: readonly string[],
  onBlock: (block: OracleBlock) => void,
): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  let rest: Buffer = Buffer.alloc(0)
  let header: { name: string; lanes: 1 | 2; left: number } | undefined
  for await (const data of child.stdout as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data])
    for (;;) {
      if (header === undefined) {
        if (rest.length < HEADER_BYTES) break
        header = headerOf(rest)
        rest = rest.subarray(HEADER_BYTES)
      }
      const { name, lanes, left } = header
      const caseBytes = (1 + 4 * lanes) * 8
      const cases = Math.min(left, Math.floor(rest.length / caseBytes))
      if (cases === 0 && left > 0) break
      const bytes = Uint8Array.prototype.slice.call(rest, 0, cases * caseBytes)
      onBlock({ name, lanes, cases, values: new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8) })
      rest = rest.subarray(cases * caseBytes)
      header = left === cases ? undefined : { name, lanes, left: left - cases }
    }
  }
  const status = await ended
  if (status !== 0 || header !== undefined || rest.length > 0) {
    throw new Error(`${program} ${args.join(' ')}: status ${status}, output ends too early`)
  }
}

function headerOf(bytes: Buffer): { name: string; lanes: 1 | 2; left: number } {
  const name = bytes.toString('latin1', 0, NAME_BYTES).replace(/\0.*/, '')
  const lanes = bytes.readUInt32LE(NAME_BYTES + 4)
  if (lanes !== 1 && lanes !== 2) throw new Error(`the oracle's block '${name}' has values of ${lanes} lanes`)
  return { name, lanes, left: bytes.readUInt32LE(NAME_BYTES) }
}
