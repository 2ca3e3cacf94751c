! Every conditional branch and conditional move, for every value it can test, with and without the annul bit. A row of
! 32 tests gives two words: which branches were taken, and which delay slots were executed. Both are compared with
! tables that follow from the definition of the conditions, and printed.
        .include "print.inc"

        .macro  try op, tested
        add     %l0, %l0, %l0
        add     %l1, %l1, %l1
        .ifb    \tested
        \op     1f
        .else
        \op     \tested, 1f
        .endif
        or      %l1, 1, %l1
        ba,a    2f
1:      or      %l0, 1, %l0
2:
        .endm

        .macro  try_cc hint, cc
        mov     0, %l0
        mov     0, %l1
        .irp    name, n, e, le, l, leu, cs, neg, vs, a, ne, g, ge, gu, cc, pos, vc
        try     "b\name\hint", \cc
        .endr
        .irp    name, n, e, le, l, leu, cs, neg, vs, a, ne, g, ge, gu, cc, pos, vc
        try     "b\name,a\hint", \cc
        .endr
        .endm

        .macro  try_fcc hint, cc
        mov     0, %l0
        mov     0, %l1
        .irp    name, n, ne, lg, ul, l, ug, g, u, a, e, ue, ge, uge, le, ule, o
        try     "fb\name\hint", \cc
        .endr
        .irp    name, n, ne, lg, ul, l, ug, g, u, a, e, ue, ge, uge, le, ule, o
        try     "fb\name,a\hint", \cc
        .endr
        .endm

        .macro  move_cc cc
        mov     0, %l0
        .irp    name, n, e, le, l, leu, cs, neg, vs, a, ne, g, ge, gu, cc, pos, vc
        add     %l0, %l0, %l0
        mov     0, %l1
        mov\name \cc, 1, %l1
        or      %l0, %l1, %l0
        .endr
        .endm

        .macro  move_fcc cc
        mov     0, %l0
        .irp    name, n, ne, lg, ul, l, ug, g, u, a, e, ue, ge, uge, le, ule, o
        add     %l0, %l0, %l0
        mov     0, %l1
        mov\name \cc, 1, %l1
        or      %l0, %l1, %l0
        .endr
        .endm

! %o0: how many digits; %l0 is printed
        .macro  print digits
        mov     %l0, %o0
        call    put_hex
        mov     \digits, %o1
        call    put_char
        mov     ' ', %o0
        .endm

        .globl  _start
_start:
! integer conditions: %i0 counts through all 256 values of %ccr
        mov     0, %i0
next_ccr:
        and     %i0, 15, %i1
        srl     %i0, 4, %i2
        wr      %i0, 0, %ccr
        try_cc
        mov     %i1, %o0
        call    expect_condition
        mov     1, %o1
        wr      %i0, 0, %ccr
        try_cc  ",pt", %icc
        mov     %i1, %o0
        call    expect_condition
        mov     2, %o1
        wr      %i0, 0, %ccr
        try_cc  ",pn", %xcc
        mov     %i2, %o0
        call    expect_condition
        mov     3, %o1
        wr      %i0, 0, %ccr
        move_cc %icc
        mov     %i1, %o0
        call    expect_move
        mov     4, %o1
        wr      %i0, 0, %ccr
        move_cc %xcc
        mov     %i2, %o0
        call    expect_move
        mov     5, %o1
        cmp     %i0, 16
        bgeu,pt %icc, 1f
        nop
        print   4
1:      add     %i0, 1, %i0
        cmp     %i0, 256
        bne,pt  %icc, next_ccr
        nop
        call    put_char
        mov     '\n', %o0

! floating-point conditions: %i0 = 0 equal, 1 less, 2 greater, 3 unordered
        mov     0, %i0
next_fcc:
        set     float_pairs, %l2
        sllx    %i0, 3, %l3
        add     %l2, %l3, %l2
        ld      [%l2], %f0
        ld      [%l2 + 4], %f1
        fcmps   %fcc0, %f0, %f1
        try_fcc
        call    expect_float
        mov     6, %o1
        try_fcc  ",pt", %fcc0
        call    expect_float
        mov     7, %o1
        fcmps   %fcc1, %f0, %f1
        try_fcc  ",pn", %fcc1
        call    expect_float
        mov     8, %o1
        fcmps   %fcc2, %f0, %f1
        try_fcc  ",pt", %fcc2
        call    expect_float
        mov     9, %o1
        fcmps   %fcc3, %f0, %f1
        try_fcc  ",pn", %fcc3
        call    expect_float
        mov     10, %o1
        move_fcc %fcc0
        call    expect_float_move
        mov     11, %o1
        move_fcc %fcc3
        call    expect_float_move
        mov     12, %o1
        print   4
        add     %i0, 1, %i0
        cmp     %i0, 4
        bne,pt  %icc, next_fcc
        nop
        call    put_char
        mov     '\n', %o0

! register conditions
        set     register_values, %i0
next_value:
        ldx     [%i0], %i1
        mov     0, %l0
        mov     0, %l1
        .irp    name, z, lez, lz, nz, gz, gez
        try     "br\name", %i1
        .endr
        .irp    name, z, lez, lz, nz, gz, gez
        try     "br\name,a,pn", %i1
        .endr
        ldx     [%i0 + 8], %l2
        sllx    %l2, 6, %l3
        or      %l2, %l3, %l3
        cmp     %l0, %l3
        bne,pn  %xcc, fail
        mov     13, %o0
        or      %l2, 0xfc0, %l3
        cmp     %l1, %l3
        bne,pn  %xcc, fail
        mov     14, %o0
        print   3
        mov     0, %l0
        .irp    name, z, lez, lz, nz, gz, gez
        add     %l0, %l0, %l0
        mov     0, %l1
        movr\name %i1, 1, %l1
        or      %l0, %l1, %l0
        .endr
        cmp     %l0, %l2
        bne,pn  %xcc, fail
        mov     15, %o0
        add     %i0, 16, %i0
        set     register_values_end, %l2
        cmp     %i0, %l2
        bne,pt  %xcc, next_value
        nop
        call    put_char
        mov     '\n', %o0

! jumps: call and jmpl leave their own address, return restores a window in its delay slot's stead
        mov     0, %l0
1:      call    2f
        add     %l0, 1, %l0
2:      set     1b, %l1
        cmp     %o7, %l1
        bne,pn  %xcc, fail
        mov     16, %o0
        set     3f, %l2
        jmpl    %l2 + 4, %l3
        add     %l0, 2, %l0
3:      add     %l0, 64, %l0
        add     %l0, 4, %l0
        sub     %l2, 8, %l2
        cmp     %l3, %l2
        bne,pn  %xcc, fail
        mov     17, %o0
        mov     5, %o0
        call    leaf_with_window
        mov     6, %o1
        cmp     %o0, 30
        bne,pn  %xcc, fail
        mov     18, %o0
        print   2
        call    put_char
        mov     '\n', %o0
        ba,pt   %xcc, finish
        mov     0, %o0

leaf_with_window:
        save    %sp, -176, %sp
        mulx    %i0, %i1, %i0
        return  %i7 + 8
        nop

! %o0: N Z V C; %l0, %l1: taken and executed; %o1: number of the check
expect_condition:
        set     conditions, %o2
        sll     %o0, 1, %o3
        lduh    [%o2 + %o3], %o4
        sllx    %o4, 16, %o5
        or      %o4, %o5, %o5
        cmp     %l0, %o5
        bne,pn  %xcc, fail
        mov     %o1, %o0
        set     0xffff0000, %o5
        or      %o4, %o5, %o5
        andn    %o5, 0x80, %o5
        cmp     %l1, %o5
        bne,pn  %xcc, fail
        mov     %o1, %o0
        retl
        nop

expect_move:
        set     conditions, %o2
        sll     %o0, 1, %o3
        lduh    [%o2 + %o3], %o4
        cmp     %l0, %o4
        bne,pn  %xcc, fail
        mov     %o1, %o0
        retl
        nop

expect_float:
        set     float_conditions, %o2
        sll     %i0, 1, %o3
        lduh    [%o2 + %o3], %o4
        sllx    %o4, 16, %o5
        or      %o4, %o5, %o5
        cmp     %l0, %o5
        bne,pn  %xcc, fail
        mov     %o1, %o0
        set     0xffff0000, %o5
        or      %o4, %o5, %o5
        andn    %o5, 0x80, %o5
        cmp     %l1, %o5
        bne,pn  %xcc, fail
        mov     %o1, %o0
        retl
        nop

expect_float_move:
        set     float_conditions, %o2
        sll     %i0, 1, %o3
        lduh    [%o2 + %o3], %o4
        cmp     %l0, %o4
        bne,pn  %xcc, fail
        mov     %o1, %o0
        retl
        nop

        .section .rodata
        .align  8
! bit 15 is condition 0 (never), bit 0 condition 15; one entry for each value of N Z V C
conditions:
        .half   0x00ff, 0x0cf3, 0x31ce, 0x3dc2, 0x6897, 0x6c93, 0x7986, 0x7d82
        .half   0x32cd, 0x3ec1, 0x03fc, 0x0ff0, 0x7a85, 0x7e81, 0x6b94, 0x6f90
! the same for equal, less, greater, unordered
float_conditions:
        .half   0x00ff, 0x7887, 0x6699, 0x55aa
        .align  8
float_pairs:
        .word   0x3f800000, 0x3f800000
        .word   0xc0000000, 0x3f800000
        .word   0x7f7fffff, 0x00000000
        .word   0x7fc00000, 0x3f800000
! value, then the conditions z, lez, lz, nz, gz, gez in bits 5 to 0
register_values:
        .xword  0, 0x31
        .xword  1, 0x07
        .xword  -1, 0x1c
        .xword  0x80000000, 0x07
        .xword  0x100000000, 0x07
        .xword  0x7fffffffffffffff, 0x07
        .xword  0x8000000000000000, 0x1c
register_values_end:
