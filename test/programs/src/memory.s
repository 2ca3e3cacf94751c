! Every width of load and store, with sign and zero extension, doubles and pairs, little-endian and no-fault ASIs,
! floating-point registers, and the bytes that memory ends up with.
        .include "print.inc"
        .register %g2, #scratch
        .register %g3, #scratch

        .macro  show register
        mov     \register, %o0
        call    put_hex
        mov     16, %o1
        call    put_char
        mov     '\n', %o0
        .endm

! all loads of one address space: %l0 is the address
        .macro  loads asi
        .irp    op, lduba, ldsba, lduha, ldsha, lduwa, ldswa, ldxa
        \op     [%l0] \asi, %l1
        show    %l1
        .endr
        ldda    [%l0] \asi, %l2
        show    %l2
        show    %l3
        .endm

! all stores of one address space
        .macro  stores asi
        stxa    %g0, [%l4] \asi
        stba    %l5, [%l4] \asi
        show_memory
        stha    %l5, [%l4] \asi
        show_memory
        stwa    %l5, [%l4] \asi
        show_memory
        stxa    %l5, [%l4] \asi
        show_memory
        stda    %l6, [%l4] \asi
        show_memory
        .endm

        .macro  show_memory
        ldx     [%l4], %g2
        show    %g2
        .endm

        .globl  _start
_start:
        set     source, %l0
        set     target, %l4
        setx    0x8192a3b4c5d6e7f8, %g1, %l5
        set     0x0badcafe, %l6
        setx    0xffffffff13579bdf, %g1, %l7

        .irp    op, ldub, ldsb, lduh, ldsh, lduw, ldsw, ldx
        \op     [%l0], %l1
        show    %l1
        \op     [%l0 + 8], %l1
        show    %l1
        .endr
        ldd     [%l0], %l2
        show    %l2
        show    %l3

        loads   0x80
        loads   0x82
        loads   0x88
        loads   0x8a
        wr      %g0, 0x88, %asi
        loads   %asi
        rd      %asi, %g2
        show    %g2

        stores  0x80
        stores  0x88
        stores  %asi

        stx     %g0, [%l4]
        stb     %l5, [%l4 + 1]
        sth     %l5, [%l4 + 2]
        stw     %l5, [%l4 + 4]
        show_memory
        std     %l6, [%l4]
        show_memory
        clrb    [%l4 + 7]
        clrh    [%l4]
        show_memory

! floating-point registers: singles lie in pairs, and registers beyond %f31 are doubles only
        ldd     [%l0], %f0
        ldd     [%l0 + 8], %f62
        ld      [%l0 + 4], %f5
        st      %f1, [%l4]
        st      %f5, [%l4 + 4]
        show_memory
        std     %f62, [%l4]
        show_memory
        ldda    [%l0] 0x88, %f32
        std     %f32, [%l4]
        show_memory
        stda    %f32, [%l4] 0x88
        show_memory
        lda     [%l0] 0x88, %f7
        st      %f7, [%l4]
        sta     %f7, [%l4 + 4] %asi
        show_memory

! fixed-length doubles of 8 and 16 bits
        set     source + 5, %l1
        ldda    [%l1] 0xd0, %f10
        std     %f10, [%l4]
        show_memory
        add     %l1, 1, %l1
        ldda    [%l1] 0xd2, %f10
        stda    %f10, [%l4] 0xda
        show_memory

! prefetch and flush have no effect that shows
        prefetch [%l0], 0
        prefetch [%l0 + 64], 2
        flush   %l4
        membar  #Sync
        ba,pt   %xcc, finish
        mov     0, %o0

        .section .rodata
        .align  16
source: .xword  0x8192a3b4c5d6e7f8, 0x0123456789abcdef
        .skip   64

        .section .data
        .align  16
target: .xword  0, 0
