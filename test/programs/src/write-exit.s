! The least program: one write, one exit.
        .section .text
        .align  4
        .globl  _start
_start:
        mov     1, %o0
        set     text, %o1
        mov     text_end - text, %o2
        mov     4, %g1
        ta      0x6d
        bcs,pn  %xcc, 1f
        cmp     %o0, text_end - text
        bne,pn  %xcc, 1f
        mov     0, %o0
        mov     1, %g1
        ta      0x6d
1:      mov     1, %o0
        mov     1, %g1
        ta      0x6d
        illtrap 0

        .section .rodata
text:   .ascii  "hello from assembly\n"
text_end:
