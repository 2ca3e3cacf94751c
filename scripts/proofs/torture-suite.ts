import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const PACKAGE_DIRECTORY = '/usr/src/gcc-12'
const SUITE = 'gcc/testsuite/gcc.c-torture/execute'

/** A self-checking program of gcc's test suite. */
export interface TortureProgram {
  /** Path in the suite without `.c`, such as `ieee/acc1`. */
  readonly name: string
  readonly sources: readonly string[]
  /** What the program asks of the compiler, after the optimisation level. */
  readonly flags: readonly string[]
  readonly printsAddresses: boolean
}

const PRINT_ADDRESSES = ['return-addr']

/** The archive that Debian's gcc-12-source installs; undefined when it is not installed. */
export function gccSourceArchive(): string | undefined {
  if (!existsSync(PACKAGE_DIRECTORY)) return undefined
  const name = readdirSync(PACKAGE_DIRECTORY).find((file) => /^gcc-12.*\.tar\.xz$/.test(file))
  return name && join(PACKAGE_DIRECTORY, name)
}

/**
 * Unpacks gcc.c-torture/execute below `directory`, unless it is there already.
 *
 * @returns the suite's directory
 * @throws Error when tar fails
 */
export function unpackSuite(archive: string, directory: string): string {
  const suite = join(directory, SUITE)
  if (existsSync(suite)) return suite
  mkdirSync(directory, { recursive: true })
  const tar = spawnSync('tar', ['xf', archive, '-C', directory, '--strip-components=1', '--wildcards', `*/${SUITE}`], {
    encoding: 'utf8',
  })
  if (tar.status !== 0 || !existsSync(suite)) throw new Error(`tar cannot unpack ${archive}: ${tar.stderr}`)
  return suite
}

/** All programs of the suite, by name. */
export function listPrograms(suite: string): TortureProgram[] {
  const plain = programsIn(suite, '').map((name) => program(suite, name, [], []))
  const ieee = programsIn(suite, 'ieee').map((name) => program(suite, name, [], ['-fno-inline']))
  const builtins = programsIn(suite, 'builtins')
    .filter((name) => !name.endsWith('-lib'))
    .map((name) => program(suite, name, [`${name}-lib.c`, 'builtins/lib/main.c'], BUILTINS_FLAGS))
  return [...plain, ...ieee, ...builtins]
}

/** builtins.exp: these tests bring library functions of their own, which abort when they are called unexpectedly. */
const BUILTINS_FLAGS = [
  '-fno-tree-dse',
  '-fno-tree-loop-distribute-patterns',
  '-fno-tracer',
  '-fno-ipa-ra',
  '-fno-inline-functions',
  '-Wl,--allow-multiple-definition',
]

function programsIn(suite: string, directory: string): string[] {
  return readdirSync(join(suite, directory))
    .filter((file) => file.endsWith('.c'))
    .map((file) => join(directory, file.slice(0, -'.c'.length)))
    .sort()
}

function program(suite: string, name: string, more: string[], flags: string[]): TortureProgram {
  const source = join(suite, `${name}.c`)
  const script = join(suite, `${name}.x`)
  return {
    name,
    sources: [source, ...more.map((file) => join(suite, file))],
    flags: [
      ...flags,
      ...(existsSync(script) ? flagsOfScript(readFileSync(script, 'latin1')) : []),
      ...flagsOfDirectives(readFileSync(source, 'latin1')),
    ],
    printsAddresses: PRINT_ADDRESSES.includes(name),
  }
}

/** Options of `dg-options` and `dg-additional-options` that are for every target. */
export function flagsOfDirectives(source: string): string[] {
  const directive = /\{ dg-(?:additional-)?options (?:"([^"]*)"|\{ "([^"]*)" \})\s*\}/g
  return [...source.matchAll(directive)].flatMap(([, bare, braced]) => words(bare ?? braced!))
}

/** Options that the script beside a program sets whatever the target. */
export function flagsOfScript(script: string): string[] {
  return [...script.matchAll(/^(?:set|lappend) additional_flags (.*)$/gm)].flatMap(([, flags]) =>
    words(flags!.replaceAll('"', '')),
  )
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')

/** An order that depends on the seed and the names alone, so that a sample of N holds that of N - 1. */
export function shuffled<T extends { readonly name: string }>(items: readonly T[], seed: number): T[] {
  const keyed = items.map((item) => ({ item, key: createHash('sha256').update(`${seed} ${item.name}`).digest('hex') }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ item }) => item)
}
