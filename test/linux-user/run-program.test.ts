import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { EXIT_UNFINISHED, memoryFiles, Program, runProgram, runProgramAsync } from '../../src/linux-user'
import { ElfError } from '../../src/loader'
import { guestElf, runGuest } from './guest'

const EXIT_WITH_O0 = 'system 188\n'

describe('a system call', () => {
  it('that succeeds clears the carries, one that fails sets both and gives the error number of SPARC', () => {
    const carries = `
        rd      %ccr, %l0
        and     %l0, 0x11, %l0
        sll     %o0, 8, %o0
        or      %o0, %l0, %o0
        set     data, %l1
        stx     %o0, [%l1]
        mov     1, %o0
        mov     %l1, %o1
        mov     8, %o2
        system  4
        system  188`
    const bytes = (source: string) => {
      const out: number[] = []
      runProgram({ elf: guestElf(source), ramBytes: 32 << 20, onStdout: (chunk) => out.push(...chunk) })
      return out
    }
    // ENOTTY 25, ENOSYS 90, EINVAL 22, EFAULT 14; pid 1000 = 0x3e8
    expect(bytes(`mov 1, %o0\nsystem 54${carries}`)).toEqual([0, 0, 0, 0, 0, 0, 25, 0x11])
    expect(bytes(`system 499${carries}`)).toEqual([0, 0, 0, 0, 0, 0, 90, 0x11])
    expect(bytes(`mov 1, %o0\nmov 0, %o1\nsystem 73${carries}`)).toEqual([0, 0, 0, 0, 0, 0, 22, 0x11])
    expect(bytes(`set 4096, %o0\nsystem 189${carries}`)).toEqual([0, 0, 0, 0, 0, 0, 14, 0x11])
    expect(bytes(`subcc %g0, 1, %g0\nsystem 20${carries}`)).toEqual([0, 0, 0, 0, 0, 3, 0xe8, 0])
  })

  it('that there is not is reported once for each number, by name', () => {
    const { messages, result } = runGuest(
      `${'system 2\n'.repeat(3)}${'system 499\n'.repeat(2)}mov 4, %o0\n${EXIT_WITH_O0}`,
    )
    expect(messages).toEqual([
      'system call 2 (fork) is not supported: ENOSYS',
      'system call 499 is not supported: ENOSYS',
    ])
    expect(result.exitCode).toBe(4)
  })
})

describe('the end of a run', () => {
  it('is the exit code, of eight bits', () => {
    expect(runGuest(`mov 300, %o0\n${EXIT_WITH_O0}`).result).toMatchObject({ reason: 'exit', exitCode: 44 })
    expect(runGuest('mov 7, %o0\nsystem 1\n').result).toMatchObject({ reason: 'exit', exitCode: 7 })
  })

  it.each([
    ['illtrap 0', 132, 4, /^SIGILL at address 0x100000 on CPU 0\npc {2}0x100000: 00000000 illtrap/],
    ['ldx [%g0], %g1', 139, 11, /^SIGSEGV at address 0x0 /],
    ['set data, %g1\nstx %g1, [%g1 + 4]', 138, 10, /^SIGBUS at address 0x200004 .*\n.*stx/],
    ['udivx %g1, %g0, %g1', 136, 8, /^SIGFPE at address 0x100000 .*\n.*udivx/],
    ['rdpr %tba, %g1', 132, 4, /^SIGILL/],
    ['wr %g0, 0x45, %asi\nldxa [%g0] %asi, %g1', 132, 4, /^SIGILL/],
    ['mov 1, %g1\ntaddcctv %g1, %g1, %g1', 135, 7, /^SIGEMT/],
    ['ta 1', 133, 5, /^SIGTRAP/],
    ['jmp %g0 + 8\nnop', 139, 11, /^SIGSEGV at address 0x8 .*\npc {2}0x8: no instruction there/],
  ])('is the signal of %s', (source, exitCode, signal, message) => {
    const { result } = runGuest(source)
    expect(result).toMatchObject({ reason: 'signal', exitCode, signal })
    expect(result.message).toMatch(message)
    expect(result.message).toMatch(/\ng0 0{16} /)
  })

  it('is SIGSEGV when a window cannot be spilled or filled', () => {
    expect(runGuest(`mov 2047, %sp\n${'save %sp, 0, %sp\n'.repeat(8)}`).result.exitCode).toBe(139)
    expect(runGuest('set 4097, %fp\nrestore\nnop\n').result.exitCode).toBe(139)
    expect(runGuest('mov 0, %sp\nrestore %g0, 0, %g0\nnop\n').result.exitCode).toBe(139)
  })

  it('is told when the instructions run out, or when nothing can ever happen again', () => {
    const endless = runGuest('1: ba,a 1b\n', { maxInstructions: 10_000 }).result
    expect(endless).toMatchObject({ reason: 'max-instructions', exitCode: EXIT_UNFINISHED })
    expect(endless.stats.instructions).toEqual([10_000])
    // futex(data, FUTEX_WAIT, 0, NULL)
    const stuck = runGuest('set data, %o0\nmov 0, %o1\nmov 0, %o2\nmov 0, %o3\nsystem 142\n', { cpus: 2 }).result
    expect(stuck).toMatchObject({ reason: 'deadlock', exitCode: EXIT_UNFINISHED })
  })

  it('is an error without a program', () => {
    expect(() => runProgram({ elf: new Uint8Array(10) })).toThrow(ElfError)
    expect(() => runProgram({ elf: guestElf('nop\n'), cpus: 33 })).toThrow(/cpus/)
    expect(() => runProgram({ elf: guestElf('nop\n'), args: ['x'.repeat(3 << 20)], ramBytes: 32 << 20 })).toThrow(
      /arguments/,
    )
  })
})

describe('input and output', () => {
  const copy = `
1:      mov     0, %o0
        set     data, %o1
        mov     7, %o2
        system  3
        brlez,pn %o0, 2f
        mov     %o0, %o2
        mov     1, %o0
        set     data, %o1
        system  4
        ba,a    1b
2:      system  188
`
  it('are the streams that were given', () => {
    const stdin = new TextEncoder().encode('what goes in comes out')
    expect(runGuest(copy, { stdin })).toMatchObject({ stdout: 'what goes in comes out', result: { exitCode: 0 } })
    expect(runGuest(copy)).toMatchObject({ stdout: '', result: { exitCode: 0 } })
  })

  const openAndCopy = `
        mov     -100, %o0
        set     path, %o1
        mov     0, %o2
        system  284
        bcs,pn  %xcc, 3f
        nop
        mov     %o0, %l0
        set     data, %o1
        mov     100, %o2
        system  3
        mov     %o0, %o2
        mov     1, %o0
        system  4
        mov     %l0, %o0
        system  6
        mov     0, %o0
3:      system  188
path:   .asciz  "/some/file"
        .align  4
`
  it('include files only if they were given', () => {
    const files = new Map([['/some/file', new TextEncoder().encode('contents')]])
    expect(runGuest(openAndCopy, { fileSystem: memoryFiles(files) })).toMatchObject({
      stdout: 'contents',
      result: { exitCode: 0 },
    })
    expect(runGuest(openAndCopy).result.exitCode).toBe(2)
  })
})

describe('memory calls', () => {
  const mapPage =
    'mov 0, %o0\nset 16384, %o1\nmov 3, %o2\nmov 0x22, %o3\nmov -1, %o4\nmov 0, %o5\nsystem 71\nmov %o0, %l0\n'

  it('unmapped, protected and remapped pages fault', () => {
    const touch = 'ldub [%l0], %g1\nmov 9, %o0\nsystem 188\n'
    expect(runGuest(mapPage + touch).result.exitCode).toBe(9)
    expect(runGuest(`${mapPage}set 8192, %o1\nsystem 73\n${touch}`).result.exitCode).toBe(139)
    expect(runGuest(`${mapPage}stb %g0, [%l0]\nset 8192, %o1\nmov 0, %o2\nsystem 74\n${touch}`).result.exitCode).toBe(
      139,
    )
    const grow = 'set 16384, %o1\nset 1 << 20, %o2\nmov 1, %o3\nsystem 250\n'
    const block =
      'set 16384, %o1\nadd %l0, %o1, %o0\nset 8192, %o1\nmov 3, %o2\nset 0x32, %o3\nmov -1, %o4\nmov 0, %o5\nsystem 71\nmov %l0, %o0\n'
    expect(runGuest(mapPage + block + grow + touch).result.exitCode).toBe(139)
    expect(runGuest(mapPage + grow + touch).result.exitCode).toBe(9)
  })

  it('memory that runs out kills the program', () => {
    const fill = `
        mov     0, %o0
        set     64 << 20, %o1
        mov     3, %o2
        mov     0x22, %o3
        mov     -1, %o4
        mov     0, %o5
        system  71
        set     8192, %l1
1:      stb     %g0, [%o0]
        ba      1b
        add     %o0, %l1, %o0
`
    expect(runGuest(fill, { ramBytes: 16 << 20 }).result).toMatchObject({ reason: 'signal', exitCode: 137 })
  })

  it('new memory is zero and what moved keeps its contents', () => {
    const source = `${mapPage}
        mov     77, %g2
        stx     %g2, [%l0 + 8]
        set     16384, %o1
        add     %l0, %o1, %o0
        mov     %l0, %o0
        set     1 << 20, %o2
        mov     3, %o3
        setx    0x20000000000, %g1, %o4
        system  250
        ldx     [%o0 + 8], %l1
        set     16384, %l2
        ldx     [%o0 + %l2], %l3
        add     %l1, %l3, %o0
        system  188
`
    expect(runGuest(source).result.exitCode).toBe(77)
  })
})

describe('a seed', () => {
  const elf = readFileSync(new URL('../programs/elf/threads-4', import.meta.url))
  const runOnce = (seed: number, cpus = 4) => {
    const program = new Program({ elf, cpus, seed, quantum: 50, ramBytes: 64 << 20 })
    const hashes: bigint[] = []
    while (program.run(100_000)) hashes.push(program.kernel.machine.replayHash())
    const result = { hashes, stats: program.result().stats, exitCode: program.result().exitCode }
    program.dispose()
    return result
  }

  it('gives one run, to the bit', () => {
    const first = runOnce(7)
    expect(first.exitCode).toBe(0)
    expect(first.hashes.length).toBeGreaterThan(1)
    expect(runOnce(7)).toEqual(first)
  })

  it('gives another run than another seed', () => {
    expect(runOnce(8).hashes.at(-1)).not.toBe(runOnce(7).hashes.at(-1))
  })
})

it('a program goes on from a snapshot as it went on the first time', () => {
  const elf = readFileSync(new URL('../programs/elf/threads-4', import.meta.url))
  const program = new Program({ elf, cpus: 2, seed: 3, quantum: 100, ramBytes: 64 << 20 })
  const { machine } = program.kernel
  program.run(60_000)
  const snapshot = machine.snapshot()
  program.run(70_001)
  const first = machine.replayHash()
  machine.restore(snapshot)
  program.run(70_001)
  expect(machine.replayHash()).toBe(first)
  while (program.run(1_000_000));
  expect(program.result().exitCode).toBe(0)
})

it('an asynchronous run gives the same, and stops when it is told to', async () => {
  const elf = readFileSync(new URL('../programs/elf/write-exit', import.meta.url))
  const options = { elf, ramBytes: 32 << 20 }
  expect(await runProgramAsync(options)).toEqual(runProgram(options))
  const controller = new AbortController()
  const endless = { elf: guestElf('1: ba,a 1b\n'), ramBytes: 32 << 20, signal: controller.signal }
  const running = runProgramAsync({ ...endless, onProgress: () => controller.abort(new Error('enough')) })
  await expect(running).rejects.toThrow('enough')
})
