/**
 * `tsx test/programs/build.ts` rebuilds the ELF files, runs each under qemu-sparc64 and writes the manifest.
 * `--check` builds elsewhere and compares with the manifest instead; it needs the compiler only.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sparcSignal } from '../../scripts/proofs/verdict'
import { PROGRAMS, type ProgramCase, type ProgramSource } from './list'
import { type Manifest, type ManifestProgram, PROGRAMS_DIRECTORY, readManifest } from './manifest'

const COMPILER = 'sparc64-linux-gnu-gcc'
const QEMU = 'qemu-sparc64'
const RUNS_WITH_THREADS = 5

const COMMON_FLAGS = ['-static', '-s', '-Wl,--build-id=none']
const SMALL_PAGES = '-Wl,-z,max-page-size=8192'
const C_FLAGS = ['-O2', '-std=gnu17', '-Wall', '-Wextra', '-Wno-clobbered', '-Wno-infinite-recursion', '-Wno-stringop-truncation']
const ASSEMBLY_FLAGS = ['-nostdlib', '-fno-pie', '-no-pie', '-Wa,-Av9a']

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

function run(command: string, args: string[], cwd: string): string {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (result.error) throw new Error(`${command} cannot be run: ${result.error.message}`)
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: status ${result.status}\n${result.stderr}`)
  if (result.stderr) process.stderr.write(result.stderr)
  return result.stdout
}

const firstLine = (command: string): string => run(command, ['--version'], '/').split('\n')[0]!

function flagsOf(program: ProgramSource): string[] {
  const language = program.source.endsWith('.c') ? C_FLAGS : ASSEMBLY_FLAGS
  const libraries = program.source.endsWith('.c') ? ['-lm'] : []
  return [...language, ...COMMON_FLAGS, ...(program.widePages ? [] : [SMALL_PAGES]), program.source, ...libraries]
}

function build(program: ProgramSource, output: string): Buffer {
  const source = join(PROGRAMS_DIRECTORY, 'src')
  run(COMPILER, [`-ffile-prefix-map=${source}=.`, ...flagsOf(program), '-o', output], source)
  return readFileSync(output)
}

function execute(elf: string, programCase: ProgramCase): { exit: number; stdout: Buffer } {
  const { status, signal, stdout } = spawnSync(QEMU, [elf, ...programCase.args], { timeout: 60_000 })
  return { exit: signal ? 128 + sparcSignal(signal) : status!, stdout }
}

function outputOf(program: ProgramSource, elf: string, programCase: ProgramCase): Buffer {
  if (programCase.qemuDiffers) return Buffer.from(programCase.stdout!)
  const first = execute(elf, programCase)
  const what = `${program.name} ${programCase.args.join(' ')}`
  if (first.exit !== programCase.exit) throw new Error(`${what}: status ${first.exit}, expected ${programCase.exit}`)
  for (let i = 1; i < (program.threads > 1 ? RUNS_WITH_THREADS : 2); i++) {
    const again = execute(elf, programCase)
    if (again.exit !== first.exit || !again.stdout.equals(first.stdout)) throw new Error(`${what}: differs between runs`)
  }
  return first.stdout
}

function systemCallsOf(program: ProgramSource, elf: string): string[] {
  const names = new Set<string>()
  for (const programCase of program.cases)
    for (let i = 0; i < (program.threads > 1 ? RUNS_WITH_THREADS : 1); i++) {
      const { stderr } = spawnSync(QEMU, ['-strace', elf, ...programCase.args], { encoding: 'latin1', timeout: 60_000 })
      for (const match of stderr.matchAll(/\d+ ([a-z][a-z0-9_]*)\(/g)) names.add(match[1]!)
    }
  return [...names].sort()
}

function describe(program: ProgramSource): ManifestProgram {
  const elf = join(PROGRAMS_DIRECTORY, 'elf', program.name)
  const bytes = build(program, elf)
  const cases = program.cases.map((programCase) => {
    const { stdout: _, ...kept } = programCase
    const expected = `expected/${[program.name, ...programCase.args].join('-').replace(/[^\w-]/g, '_')}.txt`
    writeFileSync(join(PROGRAMS_DIRECTORY, expected), outputOf(program, elf, programCase))
    return { ...kept, expected }
  })
  console.log(program.name)
  return {
    ...program,
    elf: `elf/${program.name}`,
    elfBytes: bytes.length,
    elfSha256: sha256(bytes),
    sourceSha256: sha256(readFileSync(join(PROGRAMS_DIRECTORY, 'src', program.source))),
    flags: flagsOf(program),
    systemCalls: systemCallsOf(program, elf),
    cases,
  }
}

function includes(): Record<string, string> {
  const source = join(PROGRAMS_DIRECTORY, 'src')
  const names = readdirSync(source).filter((name) => /\.(h|inc)$/.test(name))
  return Object.fromEntries(names.sort().map((name) => [name, sha256(readFileSync(join(source, name)))]))
}

function rebuild(): void {
  for (const directory of ['elf', 'expected']) {
    rmSync(join(PROGRAMS_DIRECTORY, directory), { recursive: true, force: true })
    mkdirSync(join(PROGRAMS_DIRECTORY, directory))
  }
  const manifest: Manifest = {
    compiler: firstLine(COMPILER),
    assembler: firstLine('sparc64-linux-gnu-as'),
    qemu: firstLine(QEMU),
    includes: includes(),
    programs: PROGRAMS.map(describe),
  }
  writeFileSync(join(PROGRAMS_DIRECTORY, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

function check(): void {
  const manifest = readManifest()
  const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-programs-'))
  const wrong: string[] = []
  try {
    if (firstLine(COMPILER) !== manifest.compiler) wrong.push(`compiler is ${firstLine(COMPILER)}, was ${manifest.compiler}`)
    for (const program of PROGRAMS) {
      const recorded = manifest.programs.find(({ name }) => name === program.name)
      const bytes = build(program, join(directory, program.name))
      if (sha256(bytes) !== recorded?.elfSha256) wrong.push(`${program.name} is built differently`)
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
  for (const line of wrong) console.error(line)
  if (wrong.length) process.exitCode = 1
  else console.log(`${PROGRAMS.length} programs are built to the bit`)
}

if (process.argv.includes('--check')) check()
else rebuild()
