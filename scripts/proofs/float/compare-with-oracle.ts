import { HostFloat, type RoundingMode, SoftFloat } from '../../../src/isa/softfloat'
import type { ChunkReport, Difference } from '../chunk-pool'
import { FLOAT_OPERATIONS, type FloatOperation } from './operations'
import { type OracleBlock, readOracle } from './oracle-stream'

export type OracleName = 'host' | 'mpfr'

/** Both ways to compute, of which the second takes the host's arithmetic where that is exact. */
const ARITHMETICS = [new SoftFloat(), new HostFloat()] as const
const MOST_TOLD = 20

/** Compares results and flags, tininess included, of what the oracle computed. */
export async function compareWithOracle(
  program: string,
  oracle: OracleName,
  args: readonly string[],
): Promise<ChunkReport> {
  const differences: Difference[] = []
  const counts: Record<string, number> = {}
  let judged = 0
  await readOracle(program, [oracle, ...args], (block) => {
    const operation = FLOAT_OPERATIONS.get(block.name)
    if (operation === undefined) throw new Error(`the oracle knows an operation '${block.name}' that we do not`)
    judged += block.cases
    compareBlock(block, operation, (difference) => {
      differences.push(differences.length < MOST_TOLD ? difference(oracle) : { text: '', repeat: '' })
    })
  })
  counts[`by ${oracle === 'mpfr' ? 'MPFR' : "the host's FPU"}`] = judged
  return { judged, counts, differences }
}

function compareBlock(
  { name, lanes, cases, values }: OracleBlock,
  { execute, operands, resultBits }: FloatOperation,
  tell: (difference: (oracle: OracleName) => Difference) => void,
): void {
  const size = 1 + 4 * lanes
  const take = lanes === 1 ? (at: number) => values[at]! : (at: number) => (values[at + 1]! << 64n) | values[at]!
  for (let at = 0; at < cases * size; at += size) {
    const meta = Number(values[at])
    const mode = (meta & 3) as RoundingMode
    const flags = meta >>> 8
    const a = take(at + 1)
    const b = take(at + 1 + lanes)
    const c = take(at + 1 + 2 * lanes)
    const expected = take(at + 1 + 3 * lanes)
    for (const arithmetic of ARITHMETICS) {
      arithmetic.flags = 0
      const result = execute(arithmetic, mode, a, b, c)
      if (result === expected && arithmetic.flags === flags) continue
      const { flags: raised } = arithmetic
      tell((oracle) => {
        const [x, y, z] = [a, b, c].map((value) => value.toString(16)) as [string, string, string]
        const given = [x, y, z].slice(0, operands.length).join(' ')
        const shown = (bits: bigint) => bits.toString(16).padStart(Math.ceil(resultBits / 4), '0')
        const ours = `${shown(result)} flags ${raised}`
        return {
          text: `${name} in mode ${mode} of ${given}: ${arithmetic.constructor.name} ${ours}, ${oracle} ${shown(expected)} flags ${flags}`,
          repeat: `--case ${oracle},${name},${mode},${x},${y},${z}`,
        }
      })
    }
  }
}
