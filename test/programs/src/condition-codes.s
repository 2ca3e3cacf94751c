! Results and %ccr of every instruction that sets icc and xcc, for every pair of operands: one line a pair.
        .include "print.inc"

        .macro  show op
        wr      %g0, 0x5a, %ccr
        \op     %l0, %l1, %l2
        rd      %ccr, %l3
        mov     %l3, %o0
        call    put_hex
        mov     2, %o1
        mulx    %l4, 31, %l4
        xor     %l4, %l2, %l4
        .endm

        .globl  _start
_start:
        set     operands, %i0
        mov     0, %i1
next_left:
        mov     0, %i2
next_right:
        ldx     [%i0 + %i1], %l0
        ldx     [%i0 + %i2], %l1
        mov     1, %l4
        show    addcc
        show    addccc
        show    subcc
        show    subccc
        show    andcc
        show    andncc
        show    orcc
        show    orncc
        show    xorcc
        show    xnorcc
        show    taddcc
        show    tsubcc
        wr      %g0, 0, %ccr
        addccc  %l0, %l1, %l2
        addc    %l0, %l1, %l3
        subccc  %l2, %l1, %l2
        subc    %l3, %l1, %l3
        mulx    %l4, 31, %l4
        xor     %l4, %l2, %l4
        mulx    %l4, 31, %l4
        xor     %l4, %l3, %l4
        call    put_char
        mov     ' ', %o0
        mov     %l4, %o0
        call    put_hex
        mov     16, %o1
        call    put_char
        mov     '\n', %o0
        add     %i2, 8, %i2
        cmp     %i2, operands_end - operands
        bne,pt  %icc, next_right
        nop
        add     %i1, 8, %i1
        cmp     %i1, operands_end - operands
        bne,pt  %icc, next_left
        nop
        ba,pt   %xcc, finish
        mov     0, %o0

        .section .rodata
        .align  8
operands:
        .xword  0, 1, 2, 3, -1, -2, -4
        .xword  0x7fffffff, 0x80000000, 0xffffffff, 0x100000000
        .xword  0x7fffffffffffffff, 0x8000000000000000, 0xffffffff80000000
        .xword  0x123456789abcdef0, 0x0fedcba987654321
operands_end:
