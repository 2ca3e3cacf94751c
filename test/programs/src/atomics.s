! cas, casx, swap and ldstub: value returned, memory changed, neighbours untouched.
        .include "print.inc"
        .register %g2, #scratch
        .register %g3, #scratch

        .macro  expect left, right, number
        cmp     \left, \right
        bne,a,pn %xcc, fail
        mov     \number, %o0
        .endm

        .globl  _start
_start:
        set     cell, %l0
        setx    0x1122334455667788, %g1, %l1
        setx    0xaabbccddeeff0011, %g1, %l2

        stx     %l1, [%l0]
        mov     %l2, %l3
        casx    [%l0], %l1, %l3
        expect  %l3, %l1, 1
        ldx     [%l0], %g2
        expect  %g2, %l2, 2
        mov     99, %l3
        casx    [%l0], %l1, %l3
        expect  %l3, %l2, 3
        ldx     [%l0], %g2
        expect  %g2, %l2, 4

! cas compares and stores 32 bits and zero-extends what it returns
        set     0xaabbccdd, %l4
        set     0x01020304, %l3
        mov     -1, %g3
        sllx    %g3, 32, %g3
        or      %g3, %l4, %l5
        or      %g3, %l3, %l3
        cas     [%l0], %l5, %l3
        expect  %l3, %l4, 5
        ldx     [%l0], %g2
        setx    0x01020304eeff0011, %g1, %g3
        expect  %g2, %g3, 6
        add     %l0, 4, %l6
        set     0xeeff0012, %l5
        mov     5, %l3
        cas     [%l6], %l5, %l3
        set     0xeeff0011, %g3
        expect  %l3, %g3, 7
        ldx     [%l0], %g2
        setx    0x01020304eeff0011, %g1, %g3
        expect  %g2, %g3, 8

        set     0x87654321, %l3
        swap    [%l0 + 4], %l3
        set     0xeeff0011, %g3
        expect  %l3, %g3, 9
        ldx     [%l0], %g2
        setx    0x0102030487654321, %g1, %g3
        expect  %g2, %g3, 10

        ldstub  [%l0 + 3], %l3
        expect  %l3, 4, 11
        ldstub  [%l0 + 3], %l3
        expect  %l3, 255, 12
        ldx     [%l0], %g2
        setx    0x010203ff87654321, %g1, %g3
        expect  %g2, %g3, 13

! the same through an ASI, primary and primary little-endian
        mov     1, %l3
        setx    0x010203ff87654321, %g1, %l4
        casxa   [%l0] 0x80, %l4, %l3
        expect  %l3, %l4, 14
        setx    0x0100000000000000, %g1, %l4
        setx    0x1122334455667788, %g1, %l3
        casxa   [%l0] 0x88, %l4, %l3
        expect  %l3, %l4, 15
        ldx     [%l0], %g2
        setx    0x8877665544332211, %g1, %g3
        expect  %g2, %g3, 16
        set     0xcafe, %l3
        swapa   [%l0] 0x88, %l3
        set     0x55667788, %g3
        expect  %l3, %g3, 17
        wr      %g0, 0x88, %asi
        set     0xf00d, %l3
        swapa   [%l0 + 4] %asi, %l3
        set     0x11223344, %g3
        expect  %l3, %g3, 18
        ldx     [%l0], %g2
        call    put_hex_of_g2
        nop
        ldstuba [%l0 + 1] %asi, %l3
        expect  %l3, 0xca, 19

! the destination may be the register that is compared or addressed with
        mov     7, %l3
        stx     %l3, [%l0]
        casx    [%l0], %l3, %l3
        expect  %l3, 7, 20
        mov     %l0, %l3
        casx    [%l3], %g0, %l3
        expect  %l3, 7, 21
        mov     7, %l4
        casx    [%l0], %l4, %g0
        ldx     [%l0], %g2
        expect  %g2, 0, 22

! a counter under casx, and a lock under ldstub
        set     1000, %l3
1:      ldx     [%l0], %g2
2:      add     %g2, 3, %g3
        casx    [%l0], %g2, %g3
        cmp     %g2, %g3
        bne,a,pn %xcc, 2b
        mov     %g3, %g2
        set     lock, %l5
3:      ldstub  [%l5], %g2
        brnz,pn %g2, 3b
        membar  #LoadLoad | #LoadStore
        ldx     [%l0 + 8], %g2
        add     %g2, 5, %g2
        stx     %g2, [%l0 + 8]
        membar  #StoreStore | #LoadStore
        stb     %g0, [%l5]
        subcc   %l3, 1, %l3
        bne,pt  %icc, 1b
        nop
        ldx     [%l0], %g2
        expect  %g2, 3000, 23
        call    put_hex_of_g2
        nop
        ldx     [%l0 + 8], %g2
        call    put_hex_of_g2
        nop
        ba,pt   %xcc, finish
        mov     0, %o0

put_hex_of_g2:
        mov     %o7, %l7
        mov     %g2, %o0
        call    put_hex
        mov     16, %o1
        call    put_char
        mov     '\n', %o0
        jmp     %l7 + 8
        nop

        .section .data
        .align  64
cell:   .xword  0, 0
lock:   .byte   0
