/**
 * Runs the MMU's unit tests and counts those that name the section they were read in: of the UltraSPARC-I manual, or for UltraSPARC III of
 * the JPS1 supplement or of a kernel that uses the register. Others must pass, too, but are not counted.
 *
 *     tsx scripts/proofs/mmu-tests.ts
 *     tsx scripts/proofs/mmu-tests.ts --list uncited     which tests name none
 *     tsx scripts/proofs/mmu-tests.ts --list III         those that are counted for UltraSPARC III
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseOptions, runScript, UsageError } from './arguments'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TESTS = 'test/mmu'
const LEAST = { 'I/II': 150, III: 80 } as const
const LISTS = ['I/II', 'III', 'uncited'] as const
type List = (typeof LISTS)[number]

/** A section, table, figure or appendix of the UltraSPARC-I manual. */
const SECTION_I = /UltraSPARC-I (?:\d+\.\d|[A-G]\.\d|table |figure |chapter )/
/** The same of what is at hand for UltraSPARC III: a supplement, or a name in a kernel's source. */
const SECTION_III =
  /UltraSPARC-III \d|SPARC64 V JPS1 supplement,? (?:table [A-Z]-|[A-Z]\.\d|impl\. dep\.)|(?:Linux|FreeBSD|illumos) \S+\.[chS]\b|cheetahregs\.h/

/** What vitest's JSON report says, as far as it matters here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

async function main(args: readonly string[]): Promise<boolean> {
  const { list } = parseOptions(args, { list: undefined as string | undefined })
  const wanted = LISTS.find((known) => known === list)
  if (list !== undefined && wanted === undefined) throw new UsageError(`--list is ${LISTS.join(', ')}, not '${list}'`)
  console.log(`mmu-tests: running ${TESTS}`)
  const counts: Record<List, number> = { 'I/II': 0, III: 0, uncited: 0 }
  let failed = 0
  for (const { assertionResults, message, name, status } of runTests().testResults) {
    if (status !== 'passed' && assertionResults.every((test) => test.status !== 'failed')) {
      failed++
      console.log(`FAILED ${basename(name)}: ${message}`)
    }
    for (const { fullName, status: result } of assertionResults) {
      const where = sectionOf(basename(name), fullName)
      if (wanted === where) console.log(`${basename(name)}: ${fullName}`)
      if (result === 'passed') counts[where]++
      else {
        failed++
        console.log(`${result === 'failed' ? 'FAILED' : `NOT RUN (${result})`} ${basename(name)}: ${fullName}`)
      }
    }
  }
  console.log(`mmu-tests: ${counts.uncited} more pass that name no section`)
  console.log(`mmu-tests: ${counts['I/II']} for UltraSPARC I/II, ${counts.III} for III, ${failed} failed`)
  return failed === 0 && counts['I/II'] >= LEAST['I/II'] && counts.III >= LEAST.III
}

function sectionOf(file: string, title: string): List {
  if (file.startsWith('cheetah') && SECTION_III.test(title)) return 'III'
  return SECTION_I.test(title) ? 'I/II' : 'uncited'
}

function runTests(): Report {
  const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-proof-'))
  try {
    const report = join(directory, 'report.json')
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
    spawnSync(execPath, [vitest, 'run', TESTS, '--reporter=json', `--outputFile=${report}`], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return JSON.parse(readFileSync(report, 'utf8')) as Report
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

await runScript(main)
