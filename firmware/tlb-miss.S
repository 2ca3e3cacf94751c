! TLB misses. MMU globals; %g7 holds the physical address of the page directory (switch_mm).
! TSB probe, walk of the three-level page table in physical memory, refill of TSB and TLB.

! In: %g6 tag target, %g1 TSB entry. Out: %g2 VA and context, %g3 physical address of the page-table entry.
	.macro	walk_page_table mmu, absent
	mov	TLB_TAG_ACCESS, %g2
	ldxa	[%g2] \mmu, %g2
	srlx	%g2, 43, %g3
	brnz,pn	%g3, \absent
	 srlx	%g2, 33, %g3
	sllx	%g3, 3, %g3
	ldxa	[%g7 + %g3] ASI_PHYS_USE_EC, %g3
	brz,pn	%g3, \absent
	 srlx	%g2, 23, %g4
	and	%g4, 0x3ff, %g4
	sllx	%g4, 3, %g4
	ldxa	[%g3 + %g4] ASI_PHYS_USE_EC, %g3
	brz,pn	%g3, \absent
	 srlx	%g2, 13, %g4
	and	%g4, 0x3ff, %g4
	sllx	%g4, 3, %g4
	add	%g3, %g4, %g3
	.endm

! Takes the lock bit of the TSB entry's tag. Clobbers %g4, %g5.
	.macro	lock_tsb_entry
1:	lduw	[%g1], %g4
	sethi	%hi(TSB_TAG_LOCK_HIGH), %g5
	andcc	%g4, %g5, %g0
	bne,pn	%icc, 1b
	 or	%g4, %g5, %g5
	cas	[%g1], %g4, %g5
	cmp	%g4, %g5
	bne,pn	%icc, 1b
	 nop
	membar	#LoadLoad | #StoreLoad
	.endm

! The data before the tag: a tag that matches and is not locked has its data.
	.macro	write_tsb_entry
	stx	%g5, [%g1 + 8]
	membar	#StoreStore
	stx	%g6, [%g1]
	.endm

! The tag becomes one that matches nothing, which also unlocks the entry.
	.macro	invalidate_tsb_entry
	sethi	%hi(TSB_TAG_INVALID_HIGH), %g4
	sllx	%g4, 32, %g4
	stx	%g4, [%g1]
	.endm

! Instructions are fetched only from pages that are executable, a software bit.
	.macro	require_executable executable
	.if	\executable
	sethi	%hi(0x1000), %g4
	andcc	%g5, %g4, %g0
	be,pn	%xcc, fault
	 nop
	.endif
	.endm

! `choice` is a branch that the kernel replaces by a nop unless it was told to refill as Linux does.
	.macro	MMU_miss handler, choice, refill_linux, mmu, tsb_pointer, data_in, executable
\handler:
	ldxa	[%g0] \mmu, %g6
	ldxa	[%g0] \tsb_pointer, %g1
	srlx	%g6, 48, %g2
	brz,pn	%g2, fault
	 nop
	ldda	[%g1] ASI_NUCLEUS_QUAD_LDD, %g4
	cmp	%g4, %g6
	bne,pn	%xcc, 2f
	 nop
	require_executable \executable
	stxa	%g5, [%g0] \data_in
	retry
2:	walk_page_table \mmu, fault
\choice:
	ba,a,pt	%xcc, \refill_linux
	lock_tsb_entry
! DEVIATION from Linux arch/sparc/kernel/tsb.S: the entry is read again under the lock. A flush that cleared it waits for the lock
! and then removes what is written here; an entry read before the lock could be written after the flush. Shown by test/explore.
	ldxa	[%g3] ASI_PHYS_USE_EC, %g5
	brgez,pn %g5, 3f
	 nop
	write_tsb_entry
	require_executable \executable
	stxa	%g5, [%g0] \data_in
	retry
3:	invalidate_tsb_entry
	ba,a,pt	%xcc, fault

! The order of Linux 6.1 arch/sparc/kernel/tsb.S: entry, lock, write.
\refill_linux:
	ldxa	[%g3] ASI_PHYS_USE_EC, %g2
	brgez,pn %g2, fault
	 nop
	lock_tsb_entry
	mov	%g2, %g5
	write_tsb_entry
	require_executable \executable
	stxa	%g5, [%g0] \data_in
	retry
	.endm

	.globl	dtlb_refill_choice
	MMU_miss data_access_MMU_miss, dtlb_refill_choice, dtlb_refill_linux, ASI_DMMU, ASI_DMMU_TSB_8KB_PTR, ASI_DTLB_DATA_IN, 0
	.globl	itlb_refill_choice
	MMU_miss instruction_access_MMU_miss, itlb_refill_choice, itlb_refill_linux, ASI_IMMU, ASI_IMMU_TSB_8KB_PTR, ASI_ITLB_DATA_IN, 1
