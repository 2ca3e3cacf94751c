import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PROGRAMS } from '../programs/list'
import { elfPath, expectedOutput, PROGRAMS_DIRECTORY, readManifest } from '../programs/manifest'

const manifest = readManifest()
const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')
const sourcePath = (name: string): string => join(PROGRAMS_DIRECTORY, 'src', name)

describe('the manifest of the test programs', () => {
  it('names every program of the list, each ELF file, each source and each expected output, and nothing else', () => {
    const names = manifest.programs.map(({ name }) => name)
    const sources = [...manifest.programs.map(({ source }) => source), ...Object.keys(manifest.includes)]
    const outputs = manifest.programs.flatMap(({ cases }) => cases.map(({ expected }) => expected))
    expect(names).toEqual(PROGRAMS.map(({ name }) => name))
    expect(readdirSync(join(PROGRAMS_DIRECTORY, 'elf')).sort()).toEqual([...names].sort())
    expect(readdirSync(join(PROGRAMS_DIRECTORY, 'src')).sort()).toEqual(sources.sort())
    expect(
      readdirSync(join(PROGRAMS_DIRECTORY, 'expected'))
        .map((name) => `expected/${name}`)
        .sort(),
    ).toEqual(outputs.sort())
  })

  it.each(Object.entries(manifest.includes))('has the hash of %s', (name, hash) => {
    expect(sha256(sourcePath(name))).toBe(hash)
  })

  it.each(manifest.programs)('has the hashes of $name and its source', (program) => {
    expect(sha256(sourcePath(program.source))).toBe(program.sourceSha256)
    expect(sha256(elfPath(program))).toBe(program.elfSha256)
    expect(readFileSync(elfPath(program)).length).toBe(program.elfBytes)
  })

  it.each(manifest.programs)('has the cases of $name as the list gives them', (program) => {
    const listed = PROGRAMS.find(({ name }) => name === program.name)!
    const kept = program.cases.map(({ args, exit, millions, qemuDiffers }) => ({ args, exit, millions, qemuDiffers }))
    const wanted = listed.cases.map(({ args, exit, millions, qemuDiffers }) => ({ args, exit, millions, qemuDiffers }))
    expect(kept).toEqual(wanted)
    for (const [i, programCase] of program.cases.entries()) {
      const stdout = listed.cases[i]!.stdout
      if (stdout !== undefined) expect(expectedOutput(programCase).toString()).toBe(stdout)
    }
  })

  it('keeps the files small', () => {
    const total = manifest.programs.reduce((sum, { elfBytes }) => sum + elfBytes, 0)
    expect(total).toBeLessThan(12_000_000)
  })
})
