! Sections, data, alignment, expressions, conditionals, macros, repetition.
 .text
 .globl first, second
 .type first, #function
 .proc 4
 .register %g2, #scratch
 .ident "not in the image"
first: nop
 .align 8
second: nop; nop ; nop
 .size first, . - first
 .align 32
third: .byte 1
 .align 4
 .byte 1, 2, 3, 4, 5
 .align 32
 .word 1
 .skip 8, 0xff
 .org third + 200
 .org 320, 0xaa
 .fill 3, 2, 0x1234
 .fill 2, 8, -1
 .fill 1, 3, 0x10203
 .fill 1, 7, 0x10203
 .fill 2, 0, 1
 .fill 2
 .align 64, 0x55
 .balign 16
 .p2align 5
 .p2align 6,,3
 nop
 .space 4
 .zero 4
1: ba 1b
 .word 1b - first, 7 | 2 + 1, 1 << 3*2, (1==1), (3>2), (1&&2), 7%4, -7/2, ~1
 .word 6|1&2^3, 1+2==3, (-8)>>60, 3-1-1, 0b101, 017, 5 <> 4, 3 <= 3, 3 >= 4, 0 || 2
 .word -1 < 1, -1 > 1, - 1 + 2, 2 + ~ 3, 0xffffffffffffffff > 0, 1 != 2
 .word 12 & 10 | 1, 1 | 12 & 10, 1 + 2 & 2, 1 + 4 / 2 * 2, 100 >> 2 >> 1, 'a, 'b', '\n, '\\
 .xword 0xffffffff, -1 >> 4, 0x8000000000000000 / 2, -8 / 2, - 8 % 3, 'z, first, second + 8
 .quad 1
 .nword 2
 .8byte 3, 4
 .half 0xffff, -1
 .short 1
 .2byte 2
 .hword 3
 .uahalf 4
 .byte 255, -128, -1
 .uaword 5
 .long 6
 .int 7
 .4byte 8
 .uaxword 9
 .word %r_disp32(first)
 .ascii "a\tb\n\"\\\101\x41\x414\q\0\v\f\b\r", "z" "joined"
 .asciz "one", "two; ! # // three"
 .string "é"
 .float 1.5, -2.25e3, 0r7.5
 .single 3
 .double 1.5, -1e-3, 0r2.5
 .align 4
 /* a comment
    of two lines ; nop */ nop /* and one within */ ; nop ! the rest
# a whole line
 variable = 5
 .word variable
 .set variable, variable + 1
 .word variable
 .equ variable, third
 .word variable - first
 forward = behind + 4
 .word forward - behind, behind - .
behind:
 .if variable - variable
 .word 0xbad
 .elseif 1
 .word 0x600d
 .else
 .word 0xbad
 .endif
 .ifdef first
 .ifndef nothing
 .word 1
 .else
 .word 0xbad
 .endif
 .endif
 .ifdef nothing
 .if nothing
 .endif
 .macro never
 .endm
 .else
 .word 2
 .endif
 .ifeq 0
 .word 3
 .endif
 .ifgt -1
 .word 0xbad
 .endif
 .ifc one, one
 .word 4
 .endif
 .ifnc one, two
 .word 5
 .endif
 .ifb
 .word 6
 .endif
 .macro both a, b=7, c:vararg
 .word \a, \b
 .ifnb \c
 .word \c
 .endif
 .endm
 both 1+ 2 -3 5 1, 2,3
 both 1,,9
 both a=5, c=6
 both 1
 both b=1, a=2
 .macro load name:req, register=%g1
 set \name, \register
.Lload\@:
 ba,pt %xcc, .Lload\@
 nop
 \name\()_end\@:
 .endm
 load first
 load second, %g3
 load "later" register=%g4
 .macro countdown n
 .word \n
 .if \n
 countdown "(\n - 1)"
 .endif
 .endm
 countdown 3
 .macro early n
 .word 1
 .if \n
 .exitm
 .endif
 .word 2
 .endm
 early 1
 early 0
 .macro outer name
 .macro \name value
 .word \value
 .endm
 .endm
 outer inner
 inner 77
 .purgem inner
 .macro inner value
 .word \value + 1
 .endm
 inner 77
 .rept 3
 nop
 .rept 2
 .word .
 .endr
 .endr
 .irp register, %g1, %g2 , %o0
 mov \register, %g1
 .endr
 .irpc digit, 123
 mov \digit, %g\digit
 .endr
1: nop
 ba 1b
 nop
1: ba 1b
 ba 1f
 nop
1: 10: ba 10b
 nop
 set second - first, %g1
 set third - second, %g1
 set . - behind, %g1
 .section ".rodata"
table: .word 1, 2
 .xword first
 .data
 .byte 1
 .align 16
datum: .xword datum, table
 .text
 setx datum, %g1, %g2
 sethi %hi(table), %g1
 .pushsection .data
 .word 0x11111111
 .popsection
 .section .rodata
 .half 5
 .previous
 nop
 .section ".text.later", "ax"
 nop
 .align 16
later: nop
 .bss
 .skip 16
zeros: .skip 4
 .comm shared, 24, 8
 .text
 setx zeros, %g1, %g2
 call later
 nop
