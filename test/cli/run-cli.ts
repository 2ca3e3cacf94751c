import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runCommandLine } from '../../src/cli/command-line'
import { Terminal } from '../../src/cli/terminal'

export interface CliResult {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The command as a process of its own. */
export function spawnCli(args: readonly string[], input = ''): CliResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], {
    cwd: ROOT,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  return { exitCode: status, stdout, stderr }
}

/** The command in this process, as if not on a terminal. */
export async function runCli(args: readonly string[]): Promise<CliResult> {
  const written = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  const output = (to: Uint8Array[]) => ({ write: (text: string | Uint8Array) => to.push(Buffer.from(text as string)) })
  const terminal = new Terminal(output(written.stdout), output(written.stderr), () => performance.now(), true)
  const exitCode = await runCommandLine(args, terminal)
  const text = (chunks: Uint8Array[]) => Buffer.concat(chunks).toString()
  return { exitCode, stdout: text(written.stdout), stderr: text(written.stderr) }
}

/** The one JSON object that a result has on stdout. */
export function jsonOf({ stdout }: CliResult): Record<string, unknown> {
  return JSON.parse(stdout) as Record<string, unknown>
}
