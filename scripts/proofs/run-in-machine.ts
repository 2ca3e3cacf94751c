import { memoryFiles, runProgram } from '../../src/linux-user/index'
import type { Verdict } from './verdict'

export interface MachineRun {
  readonly verdict: Verdict
  readonly instructions: number
}

export interface MachineLimits {
  readonly maxInstructions: number
  readonly cpus: number
}

const RAM_BYTES = 64 << 20

/** Runs a program in our machine; what it throws is a verdict too. */
export function runInMachine(elf: Uint8Array, { cpus, maxInstructions }: MachineLimits): MachineRun {
  const chunks: Uint8Array[] = []
  try {
    const { exitCode, message, reason, signal, stats } = runProgram({
      elf,
      cpus,
      maxInstructions,
      ramBytes: RAM_BYTES,
      fileSystem: memoryFiles(new Map([['/tmp/empty', new Uint8Array(0)]])),
      onStdout: (bytes) => chunks.push(bytes.slice()),
    })
    const stdout = Buffer.concat(chunks).toString('latin1')
    const instructions = stats.instructions.reduce((sum, executed) => sum + executed, 0)
    if (reason === 'exit') return { verdict: { kind: 'exit', code: exitCode, stdout }, instructions }
    if (reason === 'signal') return { verdict: { kind: 'signal', signal: signal!, stdout, message }, instructions }
    if (reason === 'max-instructions') {
      return { verdict: { kind: 'too-long', limit: `${maxInstructions} instructions` }, instructions }
    }
    return { verdict: { kind: 'broken', message: `stopped: ${reason}` }, instructions }
  } catch (error) {
    return { verdict: { kind: 'broken', message: (error as Error).stack ?? String(error) }, instructions: 0 }
  }
}
