! V8 and V9 multiplication and division, the multiply step and %y: %ccr after each and a hash of results and
! %y, one line a pair, with checks that need no other machine: a = a / b * b + rest, and 32 multiply steps equal umul.
        .include "print.inc"

        .macro  fold value
        mulx    %l4, 31, %l4
        xor     %l4, \value, %l4
        .endm

        .macro  fold_and_show_flags
        rd      %ccr, %o0
        fold    %l2
        rd      %y, %l2
        fold    %l2
        call    put_hex
        mov     2, %o1
        .endm

        .macro  multiply op
        wr      %g0, 0x33, %ccr
        wr      %g0, 0x77, %y
        \op     %l0, %l1, %l2
        fold_and_show_flags
        .endm

! the dividend's upper half is a third of the divisor, so that some quotients overflow and most do not
        .macro  divide op
        wr      %g0, 0xcc, %ccr
        srl     %l1, 2, %l6
        wr      %l6, 0, %y
        \op     %l0, %l1, %l2
        fold_and_show_flags
        wr      %g0, 0, %y
        wr      %g0, 0, %ccr
        \op     %l0, %l1, %l2
        fold_and_show_flags
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
        multiply umul
        multiply smul
        multiply umulcc
        multiply smulcc
        multiply mulx
        multiply mulscc
        srl     %l1, 0, %l3
        brz,pn  %l3, no_narrow_division
        nop
        divide  udiv
        divide  udivcc
        divide  sdiv
        divide  sdivcc
no_narrow_division:
        brz,pn  %l1, no_division
        nop
        udivx   %l0, %l1, %l2
        fold    %l2
        mulx    %l2, %l1, %l3
        sub     %l0, %l3, %l3
        cmp     %l3, %l1
        bgeu,pn %xcc, fail
        mov     1, %o0
        sdivx   %l0, %l1, %l2
        fold    %l2
        mulx    %l2, %l1, %l3
        sub     %l0, %l3, %l3
        xor     %l3, %l0, %l5
        brz,pt  %l3, 1f
        nop
        brlz,pn %l5, fail
        mov     2, %o0
1:
no_division:
        call    multiply_by_steps
        nop
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

! unsigned product of the low halves of %l0 and %l1 by mulscc, against umul
multiply_by_steps:
        mov     %o7, %l7
        srl     %l0, 0, %o0
        srl     %l1, 0, %o1
        wr      %o0, 0, %y
        andcc   %g0, %g0, %o2
        mov     32, %o3
1:      mulscc  %o2, %o1, %o2
        rd      %ccr, %o4
        subcc   %o3, 1, %o3
        be,pn   %icc, 2f
        nop
        wr      %o4, 0, %ccr
        ba,a,pt %xcc, 1b
2:      wr      %o4, 0, %ccr
        mulscc  %o2, %g0, %o2
        rd      %y, %o5
        sra     %o1, 31, %o3
        and     %o3, %o0, %o3
        add     %o2, %o3, %o2
        sllx    %o2, 32, %o2
        or      %o2, %o5, %o2
        umul    %o0, %o1, %o4
        cmp     %o2, %o4
        bne,pn  %xcc, fail
        mov     3, %o0
        jmp     %l7 + 8
        nop

        .section .rodata
        .align  8
operands:
        .xword  0, 1, 2, 3, 7, 10, -1, -3, 0x7fffffff, 0x80000000, 0xffffffff, 0x12345678
        .xword  0x100000000, 0x7fffffffffffffff, 0x8000000000000001, 0xfedcba9876543210
operands_end:
