import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ProgramCase, ProgramSource } from './list'

export interface ManifestCase extends ProgramCase {
  /** File below test/programs/expected/ with the program's standard output. */
  expected: string
}

export interface ManifestProgram extends ProgramSource {
  elf: string
  elfBytes: number
  elfSha256: string
  sourceSha256: string
  flags: string[]
  /** Names of the system calls it makes, over all cases. */
  systemCalls: string[]
  cases: ManifestCase[]
}

export interface Manifest {
  compiler: string
  assembler: string
  qemu: string
  /** Files that sources include. */
  includes: Record<string, string>
  programs: ManifestProgram[]
}

export const PROGRAMS_DIRECTORY = fileURLToPath(new URL('.', import.meta.url))

/** Reads test/programs/manifest.json. */
export function readManifest(): Manifest {
  return JSON.parse(readFileSync(`${PROGRAMS_DIRECTORY}manifest.json`, 'utf8')) as Manifest
}

/** Absolute path of a program's ELF file. */
export function elfPath(program: ManifestProgram): string {
  return PROGRAMS_DIRECTORY + program.elf
}

/** The standard output that the case must give, as bytes. */
export function expectedOutput(programCase: ManifestCase): Buffer {
  return readFileSync(PROGRAMS_DIRECTORY + programCase.expected)
}
