import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { judge, type Limits, type ProofCase } from '../../scripts/proofs/judge'
import { lastLine } from '../../scripts/proofs/proof'
import { flagsOfDirectives, flagsOfScript, gccSourceArchive, shuffled } from '../../scripts/proofs/torture-suite'
import { requireTool } from '../support/tools'

const emulatorAndCompiler =
  requireTool('qemu-sparc64', 'qemu-user') && requireTool('sparc64-linux-gnu-gcc', 'gcc-sparc64-linux-gnu')
const csmith = requireTool('csmith', 'csmith, and libcsmith-dev')
const archive = gccSourceArchive()
if (archive === undefined && process.env.SPARC64_SMP_REQUIRE_TOOLS === '1') {
  throw new Error("gcc's sources were not found in /usr/src: install the Debian package gcc-12-source")
}

function proof(script: string, ...args: string[]): { status: number | null; lines: string[]; stderr: string } {
  const path = fileURLToPath(new URL(`../../scripts/proofs/${script}.ts`, import.meta.url))
  const { status, stderr, stdout } = spawnSync(execPath, ['--import', 'tsx', path, ...args], { encoding: 'utf8' })
  return { status, lines: stdout.trimEnd().split('\n'), stderr }
}

/** Of a last line such as `torture: 5 programs at -O2, 0 different, 5 same verdict as qemu-sparc64, 0 skipped`. */
function counts(line: string | undefined) {
  const [, judged, different, same, skipped] =
    /: (\d+) programs .* (\d+) different, (\d+) same verdict as qemu-sparc64, (\d+) skipped/.exec(line ?? '') ?? []
  return { judged: Number(judged), same: Number(same), different: Number(different), skipped: Number(skipped) }
}

const TEN_MINUTES = 600_000
/** Enough to see that the scripts work; `npm run prove:ci` runs CI's sizes. */
const PROGRAMS = 5
const RANDOM_PROGRAMS = 3

describe.skipIf(!emulatorAndCompiler || !archive)('gcc.c-torture/execute', () => {
  it('has the same verdicts as qemu-sparc64 on a sample at -O2', { timeout: TEN_MINUTES }, () => {
    const { lines, status } = proof('torture', '--count', String(PROGRAMS), '--levels', '2')
    expect(lines.filter((line) => line.startsWith('DIFFERENT')).join('\n')).toBe('')
    expect(counts(lines.at(-1))).toMatchObject({ judged: PROGRAMS, different: 0 })
    expect(counts(lines.at(-1)).same).toBeGreaterThan(PROGRAMS * 0.7)
    expect(status).toBe(0)
  })
})

describe.skipIf(!emulatorAndCompiler || !csmith)('programs of csmith', () => {
  it('have the same checksums as in qemu-sparc64', { timeout: TEN_MINUTES }, () => {
    const { lines, status } = proof('csmith', '--count', String(RANDOM_PROGRAMS))
    expect(lines.filter((line) => line.startsWith('DIFFERENT')).join('\n')).toBe('')
    expect(counts(lines.at(-1))).toMatchObject({ judged: RANDOM_PROGRAMS, different: 0 })
    expect(counts(lines.at(-1)).same).toBeGreaterThan(0)
    expect(status).toBe(0)
  })
})

describe.skipIf(!emulatorAndCompiler)('a program in both emulators', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-judge-'))
  afterAll(() => rmSync(directory, { recursive: true }))
  const limits: Limits = { cpus: 1, maxInstructions: 1_000_000, qemuSeconds: 1 }

  function judged(name: string, source: string, qemu?: object, more: Partial<ProofCase> = {}) {
    const file = join(directory, `${name}.c`)
    const proofCase: ProofCase = { name, path: name, sources: [file], flags: ['-O2'], repeat: '', ...more }
    writeFileSync(file, source)
    if (qemu) writeFileSync(join(directory, `${name}.elf.qemu.json`), JSON.stringify(qemu))
    return judge(proofCase, directory, limits, false)
  }

  it('is the same if exit status and output are', () => {
    expect(judged('same', '#include <stdio.h>\nint main() { puts("a"); return 3; }').kind).toBe('same')
  })

  it('is the same if the same signal ends it', () => {
    expect(judged('abort', 'int main() { __builtin_abort(); }').kind).toBe('same')
    expect(judged('bus', 'char c[9]; int main() { return *(volatile int *)(c + 1) + *(volatile int *)c; }').kind).toBe(
      'same',
    )
  })

  it('is different if exit status, output or signal is', () => {
    const source = '#include <stdio.h>\nint main() { puts("a"); return 3; }'
    const different = { kind: 'different', got: 'exit 3, stdout "a\\n"' }
    expect(judged('exit', source, { kind: 'exit', code: 4, stdout: 'a\n' })).toMatchObject(different)
    expect(judged('stdout', source, { kind: 'exit', code: 3, stdout: 'b\n' })).toMatchObject(different)
    expect(judged('signal', source, { kind: 'signal', signal: 6, stdout: 'a\n' })).toMatchObject(different)
  })

  it('may print addresses of its own if that is known', () => {
    const source = '#include <stdio.h>\nint main() { int i; printf("%p", &i); return 3; }'
    expect(judged('address', source).kind).toBe('different')
    expect(judged('known', source, undefined, { printsAddresses: true }).kind).toBe('same')
    const qemu = { kind: 'exit', code: 4, stdout: '' }
    expect(judged('exits', source, qemu, { printsAddresses: true }).kind).toBe('different')
  })

  it('must end as it claims where QEMU has no signal for a trap', () => {
    const division = (code: number) => `#include <signal.h>
#include <stdlib.h>
void handler(int signal) { exit(${code}); }
volatile int zero;
int main() { signal(SIGFPE, handler); return 5 / zero; }`
    expect(judged('claimed', division(0))).toEqual({ kind: 'skipped', reason: 'QEMU has no signal for trap 0x28' })
    expect(judged('unclaimed', division(1))).toMatchObject({ kind: 'different', got: 'exit 1' })
  })

  it('is skipped if it does not compile or does not end', () => {
    expect(judged('wrong', 'int main() { return x; }')).toMatchObject({ kind: 'skipped', reason: 'does not compile' })
    expect(judged('loop', 'int main() { for (;;); }')).toMatchObject({ reason: 'takes QEMU more than 1 s' })
    const long = judged('long', 'int main() { for (;;); }', { kind: 'exit', code: 0, stdout: '' })
    expect(long).toMatchObject({ kind: 'skipped', reason: 'takes more than 1000000 instructions' })
  })
})

describe('the proof scripts', () => {
  it('count each outcome in the last line', () => {
    const line = lastLine('torture', '4 programs at -O2', [
      { kind: 'same', instructions: 5 },
      { kind: 'skipped', reason: 'does not compile' },
      { kind: 'different', expected: 'exit 0', got: 'exit 1' },
      { kind: 'skipped', reason: 'does not compile' },
    ])
    expect(line).toBe(
      'torture: 4 programs at -O2, 1 different, 1 same verdict as qemu-sparc64, 2 skipped (2 does not compile); 5 instructions',
    )
  })

  it('take the options of gcc tests that are for every target', () => {
    expect(flagsOfDirectives('/* { dg-options "-O2 -fwrapv" } */ { dg-additional-options "-g" }')).toEqual([
      '-O2',
      '-fwrapv',
      '-g',
    ])
    expect(flagsOfDirectives('/* { dg-options { "-fwrapv" } } */')).toEqual(['-fwrapv'])
    expect(flagsOfDirectives('/* { dg-options "-mpc64"  { target i?86-*-* } } */')).toEqual([])
    expect(flagsOfScript('if x {\n  lappend additional_flags "-a"\n}\nlappend additional_flags "-b" "-c"')).toEqual([
      '-b',
      '-c',
    ])
  })

  it('choose a sample by the seed alone, and a larger sample holds a smaller one', () => {
    const items = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ name }))
    expect(shuffled(items, 1)).toEqual(shuffled([...items].reverse(), 1))
    expect(shuffled(items, 1)).not.toEqual(shuffled(items, 2))
  })

  it('refuse bad usage in one line with status 2', () => {
    for (const args of [
      ['--levels', '7'],
      ['--count', '0'],
      ['--seed', 'x'],
      ['--nonsense'],
      ['--cpus', '33'],
      ['word'],
    ]) {
      const { lines, status, stderr } = proof('torture', ...args)
      expect({ args, status, lines, errorLines: stderr.trimEnd().split('\n').length }).toEqual({
        args,
        status: 2,
        lines: [''],
        errorLines: 1,
      })
    }
  })
})
