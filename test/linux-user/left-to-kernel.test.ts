import { describe, expect, it } from 'vitest'
import { runGuest } from './guest'

const EXIT_WITH_O0 = 'system 188\n'
const exitCode = (source: string) => runGuest(source).result.exitCode

describe('the kernel does what the CPU leaves to it', () => {
  it('popc', () => {
    expect(exitCode(`set 0xf0f, %g1\npopc %g1, %o0\n${EXIT_WITH_O0}`)).toBe(8)
    expect(exitCode(`popc 7, %o0\n${EXIT_WITH_O0}`)).toBe(3)
    expect(exitCode(`mov 1, %l3\nsave %sp, -192, %sp\nmov 3, %l3\npopc %l3, %i0\nrestore\n${EXIT_WITH_O0}`)).toBe(2)
  })

  it('quad loads, arithmetic and stores, at any word', () => {
    const source = `
        sub     %sp, 64, %sp
        add     %sp, 2047, %l0
        andn    %l0, 15, %l0
        add     %l0, 4, %l0
        mov     6, %g1
        st      %g1, [%l0]
        ld      [%l0], %f0
        fitoq   %f0, %f4
        fmulq   %f4, %f4, %f8
        stq     %f8, [%l0]
        ldq     [%l0], %f12
        fqtoi   %f12, %f0
        st      %f0, [%l0]
        lduw    [%l0], %o0
        ${EXIT_WITH_O0}`
    expect(exitCode(source)).toBe(36)
  })

  it('subnormal operands', () => {
    const source = `
        sub     %sp, 64, %sp
        add     %sp, 2047, %l0
        mov     5, %g1
        stx     %g1, [%l0]
        ldd     [%l0], %f0
        faddd   %f0, %f0, %f2
        std     %f2, [%l0]
        ldx     [%l0], %o0
        ${EXIT_WITH_O0}`
    expect(exitCode(source)).toBe(10)
  })

  it('but a quad load from nowhere and a real illegal instruction end the program', () => {
    expect(runGuest('ldq [%g0], %f0\n').result).toMatchObject({ reason: 'signal' })
    expect(runGuest('illtrap\n').result).toMatchObject({ reason: 'signal' })
  })
})
