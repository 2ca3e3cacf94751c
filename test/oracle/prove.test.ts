import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { PROOFS, SIZES } from '../../scripts/proofs/catalogue'
import { parseLastLine } from '../../scripts/proofs/last-line'

const pathOf = (script: string) => fileURLToPath(new URL(`../../scripts/${script}`, import.meta.url))

describe('the catalogue of proofs', () => {
  it('names a script, what it shows and the arguments of each size', () => {
    expect(new Set(PROOFS.map(({ name }) => name)).size).toBe(PROOFS.length)
    for (const { args, name, shows } of PROOFS) {
      expect(existsSync(pathOf(`proofs/${name}.ts`)), name).toBe(true)
      expect(shows).not.toContain('|')
      for (const size of SIZES) expect(args[size].every((argument) => argument !== '')).toBe(true)
    }
  })
})

describe('the last line of a proof', () => {
  it('has a count, its unit and how many differ', () => {
    expect(parseLastLine('torture', 'torture: 300 programs at -O2, 2 different')).toEqual({
      count: 300,
      unit: 'programs at -O2',
      different: 2,
      more: '',
    })
  })

  it('may have further counts', () => {
    const line = 'csmith: 30 programs from seed 1, 0 different, 29 same, 1 skipped (1 too long); 7 instructions'
    expect(parseLastLine('csmith', line)?.more).toBe('29 same, 1 skipped (1 too long); 7 instructions')
  })

  it('counts the mutants that survived', () => {
    const line = 'mutation: 40 mutants, 39 caught (97.5 %), 1 survived, 2 equivalent, 3 that do not compile'
    expect(parseLastLine('mutation', line)).toEqual({
      count: 40,
      unit: 'mutants',
      different: 1,
      more: '39 caught (97.5 %), 2 equivalent, 3 that do not compile',
    })
  })

  it('is no other line', () => {
    for (const line of [
      '',
      'torture: 100 of 300',
      'torture: 3 programs',
      'torture: x programs, 0 different',
      'Error',
    ]) {
      expect(parseLastLine('torture', line), line).toBeUndefined()
    }
    expect(parseLastLine('csmith', 'torture: 3 programs, 0 different')).toBeUndefined()
  })
})

describe('the command that runs the proofs', () => {
  it('refuses sizes and proofs that there are not, in one line with status 2', () => {
    for (const args of [['--size', 'huge'], ['--only', 'nonsense'], ['--nonsense'], ['word']]) {
      const { status, stderr, stdout } = spawnSync(execPath, ['--import', 'tsx', pathOf('prove.ts'), ...args], {
        encoding: 'utf8',
      })
      expect({ args, status, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({
        args,
        status: 2,
        stdout: '',
        lines: 1,
      })
    }
  })
})
