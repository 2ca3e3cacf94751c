import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RoundingMode, Tininess } from '../../src/isa/softfloat'
import { requireTool } from '../support/tools'

const gcc = requireTool('gcc', 'gcc')
export const hostFpuIsMissing = gcc === undefined

export interface HostCase {
  readonly mode: RoundingMode
  readonly a: bigint
  readonly b: bigint
}

/** What the host's floating-point unit makes of operations; `close` removes its program. */
export class HostFpu {
  private readonly directory = mkdtempSync(join(tmpdir(), 'host-fpu-'))
  private readonly program = join(this.directory, 'host-fpu')

  constructor() {
    const source = join(import.meta.dirname, 'host-fpu.c')
    execFileSync(gcc!, ['-O0', '-frounding-math', '-ffp-contract=off', '-w', '-o', this.program, source, '-lm'])
  }

  /** @param operation as `host-fpu.c` calls it */
  ask(operation: string, cases: readonly HostCase[]) {
    const input = cases.map((one) => `${lineOf(operation, one)}\n`).join('')
    const [tininess, ...lines] = execFileSync(this.program, { input, encoding: 'utf8' }).trim().split('\n')
    if (lines.length !== cases.length) throw new Error(`${operation}: ${cases.length} cases, ${lines.length} answers`)
    const answers = lines.map((line, index) => {
      const [bits, flags] = line.split(' ')
      return {
        ...cases[index]!,
        what: lineOf(operation, cases[index]!),
        bits: BigInt(`0x${bits}`),
        flags: Number(flags),
      }
    })
    return { tininess: tininess as Tininess, answers }
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

function lineOf(operation: string, { a, b, mode }: HostCase): string {
  return `${operation} ${mode} ${a.toString(16)} ${b.toString(16)}`
}
