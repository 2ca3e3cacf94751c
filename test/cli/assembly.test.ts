import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { elfFile } from '../loader/elf-file'
import { jsonOf, runCli, spawnCli } from './run-cli'

const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-'))
afterAll(() => rmSync(directory, { recursive: true }))

function file(name: string, contents: string | Uint8Array): string {
  const path = join(directory, name)
  writeFileSync(path, contents)
  return path
}

const SOURCE = `
start:	add %g1, 4, %g2
	ba start
	 nop
	.data
	.byte 1, 2, 3
`
const HELLO = 'test/programs/elf/hello'
const WRITE_EXIT = 'test/programs/elf/write-exit'

describe('assemble', () => {
  test('writes the bytes with -o', async () => {
    const output = join(directory, 'out.bin')
    expect(await runCli(['assemble', file('a.s', SOURCE), '-o', output])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    })
    expect(readFileSync(output, 'hex')).toBe(`84006004${'10bfffff'}01000000010203`)
  })

  test('prints a listing with addresses, words and instructions', async () => {
    const { stdout } = await runCli(['assemble', '--address', '0x4000', file('a.s', SOURCE)])
    expect(stdout).toMatch(/0x4000: {2}84006004 {2}add %g1, 4, %g2/)
    expect(stdout).toMatch(/0x4004: {2}10bfffff {2}b 0x4000/)
    expect(stdout).toMatch(/0x400c: {2}010203\n/)
    expect(stdout).toMatch(/0x4000 {2}start/)
  })

  test('--json', async () => {
    const result = await runCli(['assemble', '--json', file('a.s', SOURCE)])
    expect(jsonOf(result)).toMatchObject({
      origin: '0x0',
      size: 15,
      sections: [
        { name: '.text', address: '0x0', size: 12, bytes: '8400600410bfffff01000000' },
        { name: '.data', address: '0xc', size: 3, bytes: '010203' },
      ],
      symbols: { start: '0x0' },
    })
  })

  test('bad assembly: file, line and column', async () => {
    const path = file('bad.s', '\tnop\n\tadd %g1, %g9, %g2\n')
    const output = join(directory, 'none.bin')
    const { exitCode, stdout, stderr } = await runCli(['assemble', path, '-o', output])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^sparc64-smp: ${path}:2:\\d+: [^\n]+\n$`))
    expect(() => readFileSync(output)).toThrow()
  })

  test('reads standard input', () => {
    expect(spawnCli(['assemble', '-'], 'mov 1, %o0\n').stdout).toContain('90102001  mov 1, %o0')
  })
})

describe('disassemble', () => {
  test('raw words at an address', async () => {
    const path = file('raw.bin', Uint8Array.of(0x84, 0x00, 0x60, 0x04, 0x10, 0xbf, 0xff, 0xff))
    expect((await runCli(['disassemble', '--address', '0x2000', path])).stdout).toBe(
      '      0x2000:  84006004  add %g1, 4, %g2\n      0x2004:  10bfffff  b 0x2000\n',
    )
  })

  test('a program without symbols, section by section', async () => {
    const { stdout } = await runCli(['disassemble', WRITE_EXIT])
    expect(stdout).toMatch(/^section \.text$/m)
    expect(stdout).toMatch(/ {2}91d0206d {2}ta 0x6d$/m)
  })

  test('symbols are labels and name branch targets', async () => {
    const contents = Uint8Array.of(0x01, 0, 0, 0, 0x40, 0, 0, 2, 0x01, 0, 0, 0, 0x81, 0xc3, 0xe0, 0x08)
    const symbols = [
      { name: 'first', address: 0x10_0000n, size: 8n, type: 2 },
      { name: 'second', address: 0x10_0008n, size: 8n, type: 2 },
    ]
    const elf = elfFile({ segments: [{ va: 0x10_0000n, contents }], symbols })
    expect((await runCli(['disassemble', file('symbols', elf)])).stdout.trim().split('\n')).toEqual([
      'section segment 0',
      '',
      '0000000000100000 <first>:',
      '    0x100000:  01000000  nop',
      '    0x100004:  40000002  call 0x10000c <second+0x4>',
      '',
      '0000000000100008 <second>:',
      '    0x100008:  01000000  nop',
      '    0x10000c:  81c3e008  retl',
    ])
  })

  test('--json gives every instruction of the executable sections', async () => {
    const json = jsonOf(await runCli(['disassemble', '--json', HELLO])) as {
      sections: { name: string; instructions: { address: string; word: string; text: string }[] }[]
    }
    const text = json.sections.find((section) => section.name === '.text')!
    expect(text.instructions.length).toBeGreaterThan(10_000)
    const [first, second] = text.instructions
    expect(first).toMatchObject({
      address: expect.stringMatching(/^0x/),
      word: expect.stringMatching(/^0x[\da-f]{8}$/),
    })
    expect(BigInt(second!.address) - BigInt(first!.address)).toBe(4n)
  })

  test('assembling the listing of the words gives the words again', async () => {
    const json = jsonOf(await runCli(['disassemble', '--json', WRITE_EXIT])) as {
      sections: { instructions: { address: string; word: string; text: string }[] }[]
    }
    const { instructions } = json.sections[0]!
    const source = instructions
      .map(({ text, word }) => (text === 'unknown' || text.startsWith('clr ') ? `.word ${word}` : text))
      .join('\n')
    const again = jsonOf(
      await runCli(['assemble', '--json', '--address', instructions[0]!.address, file('again.s', source)]),
    )
    const { bytes } = (again as { sections: { bytes: string }[] }).sections[0]!
    expect(bytes).toBe(instructions.map(({ word }) => word.slice(2)).join(''))
  })

  test.each([
    ['a file of 7 bytes', Uint8Array.of(1, 2, 3, 4, 5, 6, 7), /7 bytes/],
    [
      'an ELF file of another machine',
      Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, ...new Array(57).fill(0)),
      /big-endian/,
    ],
    ['an ELF file that is cut off', readFileSync(HELLO).subarray(0, 5000), /at byte/],
  ])('%s is refused', async (_, bytes, message) => {
    const { exitCode, stdout, stderr } = await runCli(['disassemble', file('bad.bin', bytes)])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })
})
