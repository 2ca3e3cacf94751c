! Floating point: results, accrued and current exceptions and comparison codes in all four rounding modes, with traps off.
! Operands and results stay clear of subnormal numbers, which the processors leave to the kernel.
        .include "print.inc"
        .register %g2, #scratch
        .register %g3, #scratch

! %l1: hash of results and of FSR's cexc and aexc
        .macro  fold
        mulx    %l1, 31, %l1
        xor     %l1, %g2, %l1
        .endm

        .macro  fold_fsr
        stx     %fsr, [%l0 + 8]
        ldx     [%l0 + 8], %g2
        and     %g2, 0x3ff, %g2
        fold
        stx     %l7, [%l0 + 8]
        ldx     [%l0 + 8], %fsr
        .endm

        .macro  double op
        \op     %f0, %f2, %f4
        std     %f4, [%l0]
        ldx     [%l0], %g2
        fold
        fold_fsr
        .endm

        .macro  single op
        \op     %f7, %f9, %f11
        st      %f11, [%l0]
        ld      [%l0], %g2
        fold
        fold_fsr
        .endm

        .macro  convert op, from, to, store, load
        \op     \from, \to
        \store  \to, [%l0]
        \load   [%l0], %g2
        fold
        fold_fsr
        .endm

        .macro  compare op, left, right
        \op     %fcc2, \left, \right
        stx     %fsr, [%l0]
        ldx     [%l0], %g2
        srlx    %g2, 34, %g3
        and     %g3, 3, %g3
        and     %g2, 0x3ff, %g2
        fold
        sllx    %l2, 2, %l2
        or      %l2, %g3, %l2
        stx     %l7, [%l0 + 8]
        ldx     [%l0 + 8], %fsr
        .endm

        .globl  _start
_start:
        set     scratch, %l0
        set     operands, %i0
        mov     0, %i3
next_mode:
        sllx    %i3, 30, %l7
        stx     %l7, [%l0]
        ldx     [%l0], %fsr
        mov     0, %i1
next_left:
        mov     0, %i2
        mov     0, %l2
        mov     1, %l1
next_right:
        ldd     [%i0 + %i1], %f0
        ldd     [%i0 + %i2], %f2
        fdtos   %f0, %f7
        fdtos   %f2, %f9
        stx     %l7, [%l0]
        ldx     [%l0], %fsr
        double  faddd
        double  fsubd
        double  fmuld
        double  fdivd
        single  fadds
        single  fsubs
        single  fmuls
        single  fdivs
        fsmuld  %f7, %f9, %f4
        std     %f4, [%l0]
        ldx     [%l0], %g2
        fold
        fold_fsr
        compare fcmpd, %f0, %f2
        compare fcmped, %f0, %f2
        compare fcmps, %f7, %f9
        compare fcmpes, %f7, %f9
        add     %i2, 8, %i2
        cmp     %i2, operands_end - operands
        bne,pt  %icc, next_right
        nop
        convert fsqrtd, %f0, %f4, std, ldx
        convert fsqrts, %f7, %f4, st, ld
        convert fnegd, %f0, %f4, std, ldx
        convert fabsd, %f0, %f4, std, ldx
        convert fmovd, %f0, %f34, std, ldx
        convert fnegs, %f7, %f5, st, ld
        convert fabss, %f7, %f5, st, ld
        convert fmovs, %f7, %f5, st, ld
        convert fdtos, %f0, %f4, st, ld
        convert fstod, %f7, %f4, std, ldx
        convert fdtoi, %f0, %f4, st, ld
        convert fstoi, %f7, %f4, st, ld
        convert fdtox, %f0, %f4, std, ldx
        convert fstox, %f7, %f4, std, ldx
        convert fitod, %f0, %f4, std, ldx
        convert fitos, %f1, %f4, st, ld
        convert fxtod, %f0, %f4, std, ldx
        convert fxtos, %f0, %f4, st, ld
        mov     %l2, %o0
        call    put_hex
        mov     16, %o1
        call    put_char
        mov     ' ', %o0
        mov     %l1, %o0
        call    put_hex
        mov     16, %o1
        call    put_char
        mov     '\n', %o0
        add     %i1, 8, %i1
        cmp     %i1, operands_end - operands
        bne,pt  %icc, next_left
        nop
        add     %i3, 1, %i3
        cmp     %i3, 4
        bne,pt  %icc, next_mode
        nop

! accrued exceptions pile up until they are written
        stx     %g0, [%l0]
        ldx     [%l0], %fsr
        ldd     [%i0 + 8], %f0
        ldd     [%i0 + 40], %f2
        fdivd   %f0, %f2, %f4
        faddd   %f0, %f0, %f4
        stx     %fsr, [%l0]
        ldx     [%l0], %o0
        call    put_hex
        mov     4, %o1
        st      %fsr, [%l0]
        ld      [%l0], %o0
        call    put_hex
        mov     4, %o1
        call    put_char
        mov     '\n', %o0

! conditional moves of doubles, by condition codes and by register
        fcmpd   %fcc1, %f0, %f2
        fmovdl  %fcc1, %f0, %f6
        fmovdg  %fcc1, %f2, %f6
        cmp     %g0, 1
        fmovdgu %xcc, %f0, %f6
        fmovrdnz %l0, %f6, %f8
        fmovrdz %l0, %f4, %f8
        std     %f8, [%l0]
        ldx     [%l0], %o0
        call    put_hex
        mov     16, %o1
        call    put_char
        mov     '\n', %o0
        ba,pt   %xcc, finish
        mov     0, %o0

        .section .rodata
        .align  8
! zero, 1, -1, 3, 1/3, -0.1, 1.5e9, -1.5e9, 2^53 + 1 times 2^10, -7.5e17, infinities, quiet NaN
operands:
        .xword  0x0000000000000000, 0x3ff0000000000000, 0xbff0000000000000, 0x4008000000000000
        .xword  0x3fd5555555555555, 0xbfb999999999999a, 0x41d65a0bc0200000, 0xc1d65a0bc0000000
        .xword  0x4460000000000001, 0xc3a4d0dbf4f4e9a2, 0x7ff0000000000000, 0xfff0000000000000
        .xword  0x7ff8000000000000
operands_end:

        .section .data
        .align  8
scratch: .xword 0, 0
