! Threads without a library: three children made by clone share a counter under casx, a word under a ldstub lock, and
! answer in turn through a futex; the parent waits for each child's thread number to be cleared by the kernel.
        .include "print.inc"
        .register %g2, #scratch
        .register %g3, #scratch

        .set    CHILDREN, 3
        .set    ROUNDS, 400
        .set    STACK, 65536
        .set    BIAS, 2047
        .set    SYS_exit, 1
        .set    SYS_mmap, 71
        .set    SYS_futex, 142
        .set    SYS_clone, 217
        .set    SYS_sched_yield, 245
! VM FS FILES SIGHAND THREAD SYSVSEM PARENT_SETTID CHILD_CLEARTID
        .set    CLONE_FLAGS, 0x350f00
        .set    FUTEX_WAIT, 0
        .set    FUTEX_WAKE_PRIVATE, 0x81
        .set    FUTEX_WAIT_PRIVATE, 0x80

        .globl  _start
_start:
        mov     0, %l0
make_child:
        mov     0, %o0
        set     STACK, %o1
        mov     3, %o2
        mov     0x22, %o3
        mov     -1, %o4
        mov     0, %o5
        mov     SYS_mmap, %g1
        ta      0x6d
        bcs,pn  %xcc, fail
        mov     1, %o0
        set     STACK - BIAS - 192, %o1
        add     %o0, %o1, %o1
        set     CLONE_FLAGS, %o0
        set     thread_numbers, %o2
        sll     %l0, 2, %o3
        add     %o2, %o3, %o2
        mov     %o2, %o4
        mov     0, %o3
        mov     %l0, %g2
        mov     SYS_clone, %g1
        ta      0x6d
        bcs,pn  %xcc, fail
        mov     2, %o0
        brnz,pn %o1, child
        nop
        add     %l0, 1, %l0
        cmp     %l0, CHILDREN
        bne,pt  %icc, make_child
        nop

        mov     0, %l0
join:
        set     thread_numbers, %o0
        sll     %l0, 2, %o1
        add     %o0, %o1, %o0
        mov     FUTEX_WAIT, %o1
        ld      [%o0], %o2
        brz,pn  %o2, 1f
        mov     0, %o3
        mov     SYS_futex, %g1
        ta      0x6d
        ba,a,pt %xcc, join
1:      add     %l0, 1, %l0
        cmp     %l0, CHILDREN
        bne,pt  %icc, join
        nop

        set     counter, %l1
        ldx     [%l1], %o0
        cmp     %o0, CHILDREN * ROUNDS
        bne,pn  %xcc, fail
        mov     3, %o0
        ldx     [%l1 + 8], %o0
        cmp     %o0, CHILDREN * ROUNDS
        bne,pn  %xcc, fail
        mov     4, %o0
        set     answers, %o0
        call    put_string
        nop
        ldx     [%l1], %o0
        call    put_hex
        mov     4, %o1
        call    put_char
        mov     '\n', %o0
        ba,pt   %xcc, finish
        mov     0, %o0

! %g2: which child
child:
        mov     %g2, %l0
        set     counter, %l1
        set     ROUNDS, %l3
1:      ldx     [%l1], %o0
2:      add     %o0, 1, %o1
        casx    [%l1], %o0, %o1
        cmp     %o0, %o1
        bne,a,pn %xcc, 2b
        mov     %o1, %o0
        call    take_and_count
        nop
        subcc   %l3, 1, %l3
        bne,pt  %icc, 1b
        nop

! wait for one's turn, then answer
        set     turn, %l4
3:      ld      [%l4], %o2
        cmp     %o2, %l0
        be,pn   %icc, 4f
        mov     %l4, %o0
        mov     FUTEX_WAIT_PRIVATE, %o1
        mov     0, %o3
        mov     SYS_futex, %g1
        ta      0x6d
        ba,a,pt %xcc, 3b
4:      set     answers, %o0
        add     %l0, 'a', %o1
        stb     %o1, [%o0 + %l0]
        membar  #StoreStore
        add     %l0, 1, %o1
        st      %o1, [%l4]
        mov     %l4, %o0
        mov     FUTEX_WAKE_PRIVATE, %o1
        set     0x7fffffff, %o2
        mov     SYS_futex, %g1
        ta      0x6d
        mov     0, %o0
        mov     SYS_exit, %g1
        ta      0x6d
        illtrap 0

take_and_count:
        save    %sp, -176, %sp
        set     lock, %l1
1:      ldstub  [%l1], %l0
        brz,pt  %l0, 2f
        membar  #LoadLoad | #LoadStore
        mov     SYS_sched_yield, %g1
        ta      0x6d
        ba,a,pt %xcc, 1b
2:      set     counter, %l2
        ldx     [%l2 + 8], %l3
        add     %l3, 1, %l3
        stx     %l3, [%l2 + 8]
        membar  #StoreStore | #LoadStore
        stb     %g0, [%l1]
        ret
        restore

        .section .data
        .align  64
counter: .xword 0, 0
turn:   .word   0
thread_numbers:
        .word   0, 0, 0
lock:   .byte   0
answers: .asciz "... "
