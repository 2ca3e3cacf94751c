! Mondos. Interrupt globals; word 0 is context << 32 | handler, as Linux sends them (arch/sparc/kernel/smp_64.c xcall_deliver).

! Clears BUSY before it jumps: the next mondo may be accepted while the handler runs.
interrupt_vector:
	mov	INTR_DATA_0, %g1
	ldxa	[%g1] ASI_INTR_R, %g3
	mov	INTR_DATA_2, %g1
	ldxa	[%g1] ASI_INTR_R, %g7
	mov	INTR_DATA_1, %g1
	ldxa	[%g1] ASI_INTR_R, %g1
	srlx	%g3, 32, %g5
	srl	%g3, 0, %g3
	stxa	%g0, [%g0] ASI_INTR_RECEIVE
	membar	#Sync
	jmp	%g3
	 nop

! The context of %g5 becomes the primary one, which is in %g2 and whose register's address is in %g4. The nucleus keeps its page sizes,
! which other CPUs than UltraSPARC III+ read as zero. Clobbers %g3. At TL > 0, and not in the secondary context, which the I-MMU of
! UltraSPARC III does not demap (Linux arch/sparc/mm/ultra.S).
	.macro	enter_primary_context
	mov	PRIMARY_CONTEXT, %g4
	ldxa	[%g4] ASI_DMMU, %g2
	srlx	%g2, CTX_PGSZ_NUC_SHIFT, %g3
	sllx	%g3, CTX_PGSZ_NUC_SHIFT, %g3
	or	%g5, %g3, %g5
	stxa	%g5, [%g4] ASI_DMMU
	membar	#Sync
	.endm

! Handlers: %g5 context, %g1 and %g7 the arguments. They leave %g2 to %g4 to themselves.

! %g1: virtual address; bit 0 set if instructions may be mapped there.
	.globl	xcall_flush_tlb_page
xcall_flush_tlb_page:
	enter_primary_context
	andcc	%g1, 1, %g0
	be,pn	%icc, 1f
	 andn	%g1, 1, %g5
	stxa	%g0, [%g5] ASI_IMMU_DEMAP
1:	stxa	%g0, [%g5] ASI_DMMU_DEMAP
	membar	#Sync
	stxa	%g2, [%g4] ASI_DMMU
	membar	#Sync
	retry

	.globl	xcall_flush_tlb_mm
xcall_flush_tlb_mm:
	enter_primary_context
	mov	DEMAP_CONTEXT, %g3
	stxa	%g0, [%g3] ASI_IMMU_DEMAP
	stxa	%g0, [%g3] ASI_DMMU_DEMAP
	membar	#Sync
	stxa	%g2, [%g4] ASI_DMMU
	membar	#Sync
	retry

! %g1 first, %g7 behind the last page of a range of the nucleus context.
	.globl	xcall_flush_tlb_kernel_range
xcall_flush_tlb_kernel_range:
	sethi	%hi(PAGE_SIZE - 1), %g2
	or	%g2, %lo(PAGE_SIZE - 1), %g2
	andn	%g1, %g2, %g1
	add	%g2, 1, %g2
1:	cmp	%g1, %g7
	bgeu,pn	%xcc, 2f
	 or	%g1, DEMAP_NUCLEUS, %g3
	stxa	%g0, [%g3] ASI_IMMU_DEMAP
	stxa	%g0, [%g3] ASI_DMMU_DEMAP
	ba,pt	%xcc, 1b
	 add	%g1, %g2, %g1
2:	membar	#Sync
	retry

! Both leave the work to a softint, which obeys PIL.
	.globl	xcall_call_function
xcall_call_function:
	wr	%g0, 1 << 1, %set_softint
	retry

	.globl	xcall_receive_signal
xcall_receive_signal:
	wr	%g0, 1 << 2, %set_softint
	retry

! The wrong fix that trims inside of the mondo (mutant raw-mondo).
	.globl	xcall_trim
xcall_trim:
	gate	GATE_TRIM
	retry
