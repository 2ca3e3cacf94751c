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

  it('loads and stores of doubles at any word, in each byte order (V9 A.25, A.51)', () => {
    const source = `
        sub     %sp, 64, %sp
        add     %sp, 2047, %l0
        andn    %l0, 15, %l0
        add     %l0, 4, %l0
        set     0x01020304, %g1
        st      %g1, [%l0]
        set     0x05060708, %g2
        st      %g2, [%l0 + 4]
        ldd     [%l0], %f4
        std     %f4, [%l0 + 12]
        ldd     [%l0 + 12], %f32
        ldda    [%l0] 0x88, %f6
        add     %l0, 24, %l6
        stda    %f6, [%l6] 0x80
        lduw    [%l0 + 12], %l1
        lduw    [%l0 + 16], %l2
        lduw    [%l0 + 24], %l3
        lduw    [%l0 + 28], %l4
        std     %f32, [%l0 + 36]
        lduw    [%l0 + 40], %l5
        sub     %l1, %g1, %l1
        sub     %l2, %g2, %l2
        sub     %l5, %g2, %l5
        set     0x08070605, %g3
        sub     %l3, %g3, %l3
        set     0x04030201, %g3
        sub     %l4, %g3, %l4
        or      %l1, %l2, %o0
        or      %o0, %l3, %o0
        or      %o0, %l4, %o0
        or      %o0, %l5, %o0
        movrnz  %o0, 1, %o0
        add     %o0, 42, %o0
        ${EXIT_WITH_O0}`
    expect(exitCode(source)).toBe(42)
  })

  it('a double at any word of nowhere: zero if it is loaded without fault, else the end of the program', () => {
    const load = (asi: string) => `
        set     4, %l0
        ldda    [%l0] ${asi}, %f4
        sub     %sp, 64, %sp
        add     %sp, 2047, %l1
        std     %f4, [%l1]
        ldx     [%l1], %o0
        add     %o0, 9, %o0
        ${EXIT_WITH_O0}`
    expect(exitCode(load('0x82'))).toBe(9)
    expect(runGuest(load('0x80')).result).toMatchObject({ reason: 'signal' })
  })

  it('but a quad load from nowhere and a real illegal instruction end the program', () => {
    expect(runGuest('ldq [%g0], %f0\n').result).toMatchObject({ reason: 'signal' })
    expect(runGuest('illtrap\n').result).toMatchObject({ reason: 'signal' })
  })
})
