! Windows: deep chains of save, spilled and filled by the kernel, with every local and in checked on the way back; flushw
! and the saved copies on the stack; returns to a caller whose window is in memory; save and restore as additions.
        .include "print.inc"
        .register %g2, #scratch
        .register %g3, #scratch

        .set    BIAS, 2047
        .set    FRAME, 176

        .macro  expect left, right, number
        cmp     \left, \right
        bne,a,pn %xcc, fail
        mov     \number, %o0
        .endm

        .globl  _start
_start:
        sub     %sp, FRAME, %sp
        set     depths, %l0
1:      ld      [%l0], %l1
        brz,pn  %l1, 2f
        add     %l0, 4, %l0
        mov     %l1, %o0
        call    descend
        mov     17, %o1
        call    put_hex
        mov     16, %o1
        call    put_char
        mov     '\n', %o0
        ba,a,pt %xcc, 1b
2:
        call    flushed
        mov     9, %o0
        call    additions
        nop
        mov     40, %o0
        call    tree
        mov     0, %o1
        call    put_hex
        mov     8, %o1
        call    put_char
        mov     '\n', %o0
        ba,pt   %xcc, finish
        mov     0, %o0

! %o0: how much deeper, %o1: a seed. Returns a hash of all frames.
descend:
        save    %sp, -FRAME, %sp
        add     %i0, 1, %l0
        xor     %i1, %i0, %l1
        add     %fp, %i0, %l2
        mulx    %i1, 5, %l3
        not     %i0, %l4
        sllx    %i1, 32, %l5
        mov     %i7, %l6
        mov     %sp, %l7
        brz,pn  %i0, 1f
        mov     1, %o0
        sub     %i0, 1, %o0
        call    descend
        mulx    %i1, 3, %o1
1:      add     %i0, 1, %g1
        expect  %l0, %g1, 1
        xor     %i1, %i0, %g1
        expect  %l1, %g1, 2
        add     %fp, %i0, %g1
        expect  %l2, %g1, 3
        mulx    %i1, 5, %g1
        expect  %l3, %g1, 4
        not     %i0, %g1
        expect  %l4, %g1, 5
        sllx    %i1, 32, %g1
        expect  %l5, %g1, 6
        expect  %l6, %i7, 7
        expect  %l7, %sp, 8
        sub     %fp, FRAME, %g1
        expect  %sp, %g1, 9
        mulx    %o0, 31, %o0
        xor     %o0, %l1, %o0
        ret
        restore %o0, %l3, %o0

! %o0: how many more windows; at the bottom flushw, then the chain of frames on the stack is walked
flushed:
        save    %sp, -FRAME, %sp
        add     %i0, 0x100, %l0
        add     %i0, 0x200, %l7
        brz,pn  %i0, 1f
        nop
        call    flushed
        sub     %i0, 1, %o0
        ret
        restore
1:      flushw
        mov     %fp, %g2
        mov     1, %g3
2:      ldx     [%g2 + BIAS], %g1
        add     %g3, 0x100, %g4
        expect  %g1, %g4, 10
        ldx     [%g2 + BIAS + 7 * 8], %g1
        add     %g3, 0x200, %g4
        expect  %g1, %g4, 11
        ldx     [%g2 + BIAS + 8 * 8], %g1
        expect  %g1, %g3, 12
        ldx     [%g2 + BIAS + 14 * 8], %g2
        add     %g3, 1, %g3
        cmp     %g3, 9
        bleu,pt %xcc, 2b
        nop
! what a frame's owner finds in its window is what the stack holds now
        ldx     [%fp + BIAS], %g1
        add     %g1, 0x800, %g1
        stx     %g1, [%fp + BIAS]
        restore
        add     %l0, 0, %o1
        set     0x901, %o2
        expect  %o1, %o2, 13
        ret
        restore

! save and restore compute with the old window's operands and write the new window's register
additions:
        save    %sp, -FRAME, %sp
        mov     1000, %l0
        mov     234, %o3
        mov     %sp, %l1
        save    %l0, %o3, %l2
        expect  %l2, 1234, 14
        mov     77, %l3
        mov     8, %i5
        restore %l3, %i5, %l4
        expect  %l4, 85, 15
        expect  %l0, 1000, 16
        expect  %o5, 8, 17
        expect  %sp, %l1, 18
        return  %i7 + 8
        nop

! %o0: depth, %o1: path. Goes up and down between call sites, so that spills and fills come in bursts.
tree:
        save    %sp, -FRAME, %sp
        cmp     %i0, 1
        bleu,pn %xcc, 1f
        mov     %i1, %l0
        and     %i0, 3, %l1
        sub     %i0, 2, %o0
        sub     %o0, %l1, %o0
        movrlz  %o0, 0, %o0
        call    tree
        add     %i1, 1, %o1
        mov     %o0, %l2
        mov     9, %o0
        call    descend
        mov     %l0, %o1
        xor     %l2, %o0, %l2
        sub     %i0, 5, %o0
        movrlz  %o0, 0, %o0
        call    tree
        add     %l0, 2, %o1
        add     %l2, %o0, %i0
        expect  %l0, %i1, 19
        ret
        restore
1:      add     %i0, %l0, %i0
        ret
        restore

        .section .rodata
        .align  4
depths: .word   1, 2, 5, 6, 7, 8, 9, 14, 15, 16, 100, 3000, 0
