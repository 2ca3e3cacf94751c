import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assemble } from '../../src/isa/index'
import { elfFile } from '../loader/elf-file'
import { jsonOf, runCli, spawnCli } from './run-cli'

const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-'))
const program = join(directory, 'touches')
const elf = (name: string) => `test/programs/elf/${name}`

const ORIGIN = 0x10_0000n
const DATA = 0x20_0000n
/** Loads from one page of its data, stores to the next, calls a function three times, and loads from nowhere if it has an argument. */
const SOURCE = `
_start: set     0x200000, %l0
        ldx     [%l0], %g1
        set     0x2000, %l1
        stx     %g1, [%l0 + %l1]
        mov     3, %l2
again:  call    step
        nop
        subcc   %l2, 1, %l2
        bne     again
        nop
        ldx     [%sp + 2047 + 128], %g2
        cmp     %g2, 2
        bne     quit
        nop
crash:  set     0x40000000, %l3
        ldx     [%l3 + 0x18], %g1
quit:   mov     7, %o0
        mov     1, %g1
        ta      0x6d
step:   retl
        nop
`

interface TlbJson {
  stopped: string
  cpu: number
  instructions: number
  context: number
  cpus: {
    cpu: number
    pc: string
    symbol: string | null
    registers: Record<string, string>
    data: Side
    instruction: Side
  }[]
}
interface Side {
  size: number
  valid: number
  entries: {
    va: string
    lastVa: string
    context: number
    valid: boolean
    writable: boolean
    used: boolean
    owner: string | null
  }[]
}

beforeAll(() => {
  const { bytes, symbols } = assemble(SOURCE, { origin: ORIGIN })
  const named = [...symbols].map(([name, address]) => ({ name, address, size: 12n, type: 2 }))
  writeFileSync(
    program,
    elfFile({
      segments: [
        { va: ORIGIN, contents: bytes },
        { va: DATA, contents: new Uint8Array(8), memoryBytes: 0x4000n, flags: 6 },
      ],
      symbols: [...named, { name: 'datum', address: DATA, size: 8n, type: 1 }],
    }),
  )
})
afterAll(() => rmSync(directory, { recursive: true }))

async function json(...args: string[]): Promise<TlbJson> {
  const result = await runCli(['tlb', '--json', ...args])
  expect(result.exitCode).toBe(0)
  return jsonOf(result) as unknown as TlbJson
}

const pages = (side: Side) => side.entries.map(({ va }) => va)

describe('the point', () => {
  test('a symbol: nothing behind it has happened', async () => {
    const { stopped, cpus } = await json('--at', '_start', program)
    expect(stopped).toBe('at _start')
    expect(cpus[0]).toMatchObject({ cpu: 0, pc: '0x100000', symbol: '_start' })
    expect(pages(cpus[0]!.instruction)).toEqual(['0xf0000000'])
    expect(pages(cpus[0]!.data)).not.toContain('0x200000')
  })

  test('a symbol and an offset, and an address, are the same point', async () => {
    const bySymbol = await json('--at', '_start+0x8', program)
    const byAddress = await json('--at', '0x100008', program)
    expect(bySymbol.cpus).toEqual(byAddress.cpus)
    expect(pages(bySymbol.cpus[0]!.data)).toContain('0x200000')
    expect(pages(bySymbol.cpus[0]!.data)).not.toContain('0x202000')
  })

  test('the nth time', async () => {
    const [first, third] = [await json('--at', 'step', program), await json('--at', 'step', '--times', '3', program)]
    expect(third.instructions - first.instructions).toBe(2 * 7)
    expect((await runCli(['tlb', '--at', 'step', '--times', '4', program])).exitCode).toBe(1)
  })

  test('after a number of instructions, exactly', async () => {
    expect(await json('--after', '1234', elf('crc32'))).toMatchObject({ instructions: 1234 })
    expect(await json('--after', '0', program)).toMatchObject({ instructions: 0, cpu: 0, cpus: [{ cpu: 0 }] })
    const args = ['--cpus', '2', '--quantum', '100', elf('threads-4')]
    const seen = new Set<number>()
    for (const instructions of ['30050', '30150']) {
      const { cpu, cpus } = await json('--after', instructions, ...args)
      expect(cpus.map((state) => state.cpu)).toEqual([cpu])
      seen.add(cpu)
    }
    expect([...seen].sort()).toEqual([0, 1])
  })

  test("the program's end, before its threads leave", async () => {
    const { stopped, cpus, context } = await json(program)
    expect(stopped).toBe('the program exited with code 7 at 0x100048 <quit+0x8>')
    expect(cpus[0]!.data.entries).toContainEqual(
      expect.objectContaining({ va: '0x202000', lastVa: '0x203fff', writable: true, used: true, context }),
    )
  })

  test('a fatal signal: the miss that it comes from is in tag access', async () => {
    const { stopped, cpus, context } = await json('--at-fault', program, 'crash')
    expect(stopped).toMatch(/^SIGSEGV ended the program at 0x[0-9a-f]+ <crash\+0x[0-9a-f]+>$/)
    expect(BigInt(cpus[0]!.registers.dataTagAccess!)).toBe(0x4000_0000n | BigInt(context))
    expect(pages(cpus[0]!.data)).not.toContain('0x40000000')
  })
})

describe('what is printed', () => {
  test('a table of each side with registers above, entries with page, flags and owner', async () => {
    const { exitCode, stdout } = await runCli(['tlb', '--at', 'again', program])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(
      /^touches: at again, on CPU 0, [\d,]+ instructions in all\n\nCPU 0: pc 0x100014 <again>, user, trap level 0, /,
    )
    expect(stdout).toMatch(/^primary context 1 \(touches\), secondary context 1 \(touches\)$/m)
    expect(stdout).toMatch(/^instruction TLB: \d+ of 64 entries$/m)
    expect(stdout).toMatch(
      /^\d+ +0x0000000000202000-0x0000000000203fff {2}1 {8}0x[0-9a-f]{11} {2}8K {4}V - CP CV - - W - - {3}- {3}used touches program rw-$/m,
    )
    expect(stdout).toMatch(
      /^\d+ +0x00000000f0000000-0x00000000f03fffff {2}\* .* 4M {4}V L CP CV - P W G - {3}- {3}used locked kernel$/m,
    )
    expect(stdout).not.toContain('invalid')
  })

  test.each([
    ['cheetah', 'T512', 528],
    ['cheetah-plus', 'T512_0', 1040],
  ])('the arrays of %s, each with entries of its own numbers', async (model, array, size) => {
    const { exitCode, stdout } = await runCli(['tlb', '--model', model, '--at', 'again', program])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(new RegExp(`^data TLB: \\d+ of ${size} entries$`, 'm'))
    expect(stdout).toMatch(/^T16 +\d+ +0x00000000f0000000-.* locked kernel$/m)
    expect(stdout).toMatch(
      new RegExp(`^${array} +1 +0x0000000000202000-0x0000000000203fff .* touches program rw-$`, 'm'),
    )
  })

  test('--invalid shows every entry, and how many are valid', async () => {
    const { stdout } = await runCli(['tlb', '--at', '_start', '--invalid', program])
    expect(stdout).toMatch(/^data TLB, \d+ valid: 64 of 64 entries$/m)
    expect(stdout.match(/ invalid$/gm)!.length).toBeGreaterThan(64)
    const { cpus } = await json('--at', '_start', '--invalid', program)
    expect(cpus[0]!.data.entries).toHaveLength(64)
    expect(cpus[0]!.data.entries.filter(({ valid }) => valid)).toHaveLength(cpus[0]!.data.valid)
  })

  test('--all shows every CPU, --cpu one of them', async () => {
    const args = ['--cpus', '4', '--seed', '3']
    const { cpus } = await json(...args, '--all', elf('threads-4'))
    expect(cpus.map(({ cpu }) => cpu)).toEqual([0, 1, 2, 3])
    for (const { instruction } of cpus) expect(instruction.valid).toBeGreaterThan(1)
    const second = await json(...args, '--cpu', '1', elf('threads-4'))
    expect(second.cpus).toEqual([cpus[1]])
  })

  test('the point of a run with a seed is the same again', async () => {
    const args = ['--cpus', '4', '--seed', '3', '--all', '--after', '40000', elf('threads-4')]
    expect(await json(...args)).toEqual(await json(...args))
  })

  test("the program's output goes to stderr", () => {
    const { exitCode, stdout, stderr } = spawnCli(['tlb', '--json', elf('hello'), 'x'])
    expect(exitCode).toBe(0)
    expect(() => JSON.parse(stdout)).not.toThrow()
    expect(stderr).toContain('hello')
  })
})

describe('a point that is never reached: exit code 1, and what happened instead', () => {
  test.each([
    [
      'an address',
      ['--at', '0x100ffc', program],
      /^sparc64-smp: 0x100ffc was not reached: the program exited with code 7 /,
    ],
    ['a time', ['--at', 'step', '--times', '4', program], /step, time 4, was not reached/],
    [
      'instructions',
      ['--after', '9000000', program],
      /the point after 9,000,000 instructions was not reached: the program exited/,
    ],
    ['a signal', ['--at-fault', program], /a fatal signal was not reached: the program exited with code 7/],
    [
      'a limit before',
      ['--max-instructions', '10', program],
      /the program's end was not reached: after 10 instructions/,
    ],
    ['a limit before the number', ['--after', '50', '--max-instructions', '10', program], /was not reached: after 10/],
  ])('%s', async (_, args, message) => {
    const { exitCode, stdout, stderr } = await runCli(['tlb', ...args])
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^[^\n]+\n$/)
  })
})

describe('bad input: exit code 2 and one line', () => {
  test.each([
    ['no program', ['tlb']],
    ['no such file', ['tlb', '/no/such/program']],
    ['a text file', ['tlb', 'package.json']],
    ['a symbol that does not exist', ['tlb', '--at', 'nowhere', program]],
    ['a symbol of data', ['tlb', '--at', 'datum', program]],
    ['a symbol of a program without symbols', ['tlb', '--at', 'main', elf('hello')]],
    ['what is neither symbol nor address', ['tlb', '--at', 'main+', program]],
    ['an address of no instruction', ['tlb', '--at', '0x100002', program]],
    ['an address of more than 64 bits', ['tlb', '--at', '0x1ffffffffffffffff', program]],
    ['two points', ['tlb', '--at', '_start', '--after', '3', program]],
    ['two other points', ['tlb', '--at-fault', '--after', '3', program]],
    ['times without a point', ['tlb', '--times', '3', program]],
    ['a CPU that is not there', ['tlb', '--cpu', '1', program]],
    ['one CPU and all', ['tlb', '--cpu', '0', '--all', program]],
    ['too many CPUs', ['tlb', '--cpus', '9999', program]],
  ])('%s', async (_, args) => {
    const { exitCode, stdout, stderr } = await runCli(args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^sparc64-smp: [^\n]+\n$/)
    expect(stderr).not.toContain('internal error')
  })
})
