! The VIS instructions that the C library uses: alignment, logic, block loads and stores, and partitioned addition.
        .include "print.inc"
        .register %g2, #scratch
        .register %g3, #scratch

        .macro  show_double register
        std     \register, [%l0]
        ldx     [%l0], %o0
        call    put_hex
        mov     16, %o1
        call    put_char
        mov     '\n', %o0
        .endm

        .macro  two op
        \op     %f0, %f2, %f4
        show_double %f4
        .endm

        .macro  one op, source
        \op     \source, %f4
        show_double %f4
        .endm

        .globl  _start
_start:
        set     scratch, %l0
        set     source, %l1
        ldd     [%l1], %f0
        ldd     [%l1 + 8], %f2

        mov     0, %l2
1:      alignaddr %l1, %l2, %l3
        faligndata %f0, %f2, %f4
        show_double %f4
        sub     %l3, %l1, %o0
        call    put_hex
        mov     2, %o1
        alignaddrl %l1, %l2, %l3
        faligndata %f0, %f2, %f6
        show_double %f6
        add     %l2, 3, %l2
        cmp     %l2, 24
        bne,pt  %icc, 1b
        nop

        .irp    op, fand, fandnot1, fandnot2, fnand, for, fornot1, fornot2, fnor, fxor, fxnor, fpadd16, fpadd32
        two     \op
        .endr
        .irp    op, fsrc1, fsrc2, fnot1, fnot2
        one     \op, %f2
        .endr
        fzero   %f4
        show_double %f4
        fone    %f4
        show_double %f4
        fpadd16s %f0, %f2, %f4
        fands   %f1, %f3, %f5
        show_double %f4
        fones   %f4
        fsrc1s  %f3, %f5
        show_double %f4

! block load and store, aligned to 64 bytes; the bytes around the target stay
        set     source, %l1
        set     target, %l2
        membar  #Sync
        ldda    [%l1] 0xf0, %f16
        ldda    [%l1] 0xf8, %f48
        membar  #Sync
        add     %l2, 64, %l3
        stda    %f16, [%l3] 0xf0
        add     %l3, 64, %l3
        stda    %f48, [%l3] 0xf8
        membar  #Sync
        mov     0, %l3
2:      add     %l2, %l3, %l4
        ldx     [%l4], %o0
        call    put_hex
        mov     16, %o1
        call    put_char
        mov     '\n', %o0
        add     %l3, 8, %l3
        cmp     %l3, 256
        bne,pt  %icc, 2b
        nop
        ba,pt   %xcc, finish
        mov     0, %o0

        .section .rodata
        .align  64
source: .xword  0x0123456789abcdef, 0xfedc8000ba987fff, 0x1111111122222222, 0x3333333344444444
        .xword  0x5555555566666666, 0x7777777788888888, 0x99999999aaaaaaaa, 0xbbbbbbbbcccccccc

        .section .data
        .align  64
target: .skip   64, 0x5a
        .skip   128, 0xa5
        .skip   64, 0x5a
scratch: .xword 0
