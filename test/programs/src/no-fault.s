! No-fault loads: of a mapped page they read, of an unmapped one they give zero and do not trap.
        .include "print.inc"

        .globl  _start
_start:
        set     cell, %l0
        lduba   [%l0] 0x82, %o0
        call    put_hex
        mov     2, %o1
        call    put_char
        mov     '\n', %o0
        set     0x7000, %l0
        mov     -1, %o0
        ldxa    [%l0] 0x82, %o0
        call    put_hex
        mov     16, %o1
        mov     -1, %o0
        lduwa   [%l0] 0x8a, %o0
        call    put_hex
        mov     16, %o1
        call    put_char
        mov     '\n', %o0
        ba,pt   %xcc, finish
        mov     0, %o0

        .section .rodata
cell:   .byte   0x5c
