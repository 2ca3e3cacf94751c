/**
 * Runs the proofs one after another and prints what each of them counted.
 *
 *     tsx scripts/prove.ts --size ci                       what CI runs
 *     tsx scripts/prove.ts --size full                     all that fits in an hour
 *     tsx scripts/prove.ts --size full --only torture,csmith --json proofs.json
 */
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { execPath } from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseOptions, runScript, UsageError } from './proofs/arguments'
import { PROOFS, type Proof, SIZES, type Size } from './proofs/catalogue'
import { type LastLine, parseLastLine } from './proofs/last-line'

const OPTIONS = { json: undefined as string | undefined, only: undefined as string | undefined, size: 'ci' }

interface Result {
  readonly proof: string
  readonly passed: boolean
  /** The last line of the proof as it stood. */
  readonly line: string
  /** Undefined if the last line has no counts. */
  readonly counts?: LastLine
  readonly seconds: number
}

async function main(args: readonly string[]): Promise<boolean> {
  const { json, only, size: sizeName } = parseOptions(args, OPTIONS)
  const size = parseSize(sizeName!)
  const proofs = choose(only)
  const results: Result[] = []
  for (const proof of proofs) {
    results.push(await run(proof, size))
    if (json !== undefined) writeResults(json, size, results)
  }
  console.log(`\n${table(proofs, results)}`)
  const failed = results.filter(({ passed }) => !passed).map(({ proof }) => proof)
  console.log(failed.length === 0 ? `${results.length} proofs passed` : `failed: ${failed.join(', ')}`)
  return failed.length === 0
}

function parseSize(text: string): Size {
  const size = SIZES.find((known) => known === text)
  if (size === undefined) throw new UsageError(`--size is ${SIZES.join(' or ')}, not '${text}'`)
  return size
}

function choose(only: string | undefined): readonly Proof[] {
  if (only === undefined) return PROOFS
  return only.split(',').map((name) => {
    const proof = PROOFS.find((known) => known.name === name)
    if (!proof) throw new UsageError(`--only: there is no '${name}' in ${PROOFS.map((known) => known.name).join(', ')}`)
    return proof
  })
}

async function run({ args, name }: Proof, size: Size): Promise<Result> {
  const path = fileURLToPath(new URL(`proofs/${name}.ts`, import.meta.url))
  const command = [path, ...args[size]]
  console.log(`\n== npx tsx scripts/proofs/${[`${name}.ts`, ...args[size]].join(' ')}`)
  const started = performance.now()
  const child = spawn(execPath, ['--import', 'tsx', ...command], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'lost'))
  })
  let line = ''
  for await (const text of createInterface({ input: child.stdout })) {
    console.log(text)
    if (text !== '') line = text
  }
  const status = await ended
  const counts = parseLastLine(name, line)
  if (status !== 0) console.log(`${name} ended with status ${status}`)
  if (!counts) console.log(`${name} ended without its counts`)
  return {
    proof: name,
    passed: status === 0 && counts !== undefined && counts.count > 0,
    line,
    counts,
    seconds: Math.round((performance.now() - started) / 1000),
  }
}

function writeResults(file: string, size: Size, results: readonly Result[]): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify({ size, results }, null, 2)}\n`)
}

/** A table in Markdown. */
function table(proofs: readonly Proof[], results: readonly Result[]): string {
  const rows = results.map(({ counts, passed, seconds }, index) => [
    proofs[index]!.name,
    proofs[index]!.shows,
    counts ? `${counts.count.toLocaleString('en')} ${counts.unit}` : '-',
    `${counts?.different ?? '-'}${passed ? '' : ' FAILED'}`,
    counts?.more ?? '',
    String(seconds),
  ])
  const all = [['proof', 'shows', 'count', 'different', 'further', 'seconds'], ...rows]
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  const lines = all.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`)
  return [lines[0], `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...lines.slice(1)].join('\n')
}

await runScript(main)
