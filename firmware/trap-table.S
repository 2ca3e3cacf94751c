! The trap table: 32 bytes a trap type, for TL = 0 and then for TL > 0 (V9 7.3.1).
	.macro	vector handler
	ba,a,pt	%xcc, \handler
	.skip	28
	.endm

	.macro	faults count
	.rept	\count
	vector	fault
	.endr
	.endm

	.macro	interrupt_level level
	gate	GATE_INTERRUPT+\level
	ba,a,pt	%xcc, return_from_trap
	.skip	24
	.endm

! V9 6.4.4: the window that is spilled is the current one. As if user: a user who passes a bad %sp faults as a user.
	.macro	spill_window
	wr	%g0, ASI_AIUP, %asi
	stxa	%l0, [%sp + STACK_BIAS + 0] %asi
	stxa	%l1, [%sp + STACK_BIAS + 8] %asi
	stxa	%l2, [%sp + STACK_BIAS + 16] %asi
	stxa	%l3, [%sp + STACK_BIAS + 24] %asi
	stxa	%l4, [%sp + STACK_BIAS + 32] %asi
	stxa	%l5, [%sp + STACK_BIAS + 40] %asi
	stxa	%l6, [%sp + STACK_BIAS + 48] %asi
	stxa	%l7, [%sp + STACK_BIAS + 56] %asi
	stxa	%i0, [%sp + STACK_BIAS + 64] %asi
	stxa	%i1, [%sp + STACK_BIAS + 72] %asi
	stxa	%i2, [%sp + STACK_BIAS + 80] %asi
	stxa	%i3, [%sp + STACK_BIAS + 88] %asi
	stxa	%i4, [%sp + STACK_BIAS + 96] %asi
	stxa	%i5, [%sp + STACK_BIAS + 104] %asi
	stxa	%i6, [%sp + STACK_BIAS + 112] %asi
	stxa	%i7, [%sp + STACK_BIAS + 120] %asi
	saved
	retry
	.skip	128 - 19 * 4
	.endm

	.macro	fill_window
	wr	%g0, ASI_AIUP, %asi
	ldxa	[%sp + STACK_BIAS + 0] %asi, %l0
	ldxa	[%sp + STACK_BIAS + 8] %asi, %l1
	ldxa	[%sp + STACK_BIAS + 16] %asi, %l2
	ldxa	[%sp + STACK_BIAS + 24] %asi, %l3
	ldxa	[%sp + STACK_BIAS + 32] %asi, %l4
	ldxa	[%sp + STACK_BIAS + 40] %asi, %l5
	ldxa	[%sp + STACK_BIAS + 48] %asi, %l6
	ldxa	[%sp + STACK_BIAS + 56] %asi, %l7
	ldxa	[%sp + STACK_BIAS + 64] %asi, %i0
	ldxa	[%sp + STACK_BIAS + 72] %asi, %i1
	ldxa	[%sp + STACK_BIAS + 80] %asi, %i2
	ldxa	[%sp + STACK_BIAS + 88] %asi, %i3
	ldxa	[%sp + STACK_BIAS + 96] %asi, %i4
	ldxa	[%sp + STACK_BIAS + 104] %asi, %i5
	ldxa	[%sp + STACK_BIAS + 112] %asi, %i6
	ldxa	[%sp + STACK_BIAS + 120] %asi, %i7
	restored
	retry
	.skip	128 - 19 * 4
	.endm

	.macro	trap_vectors
	faults	0x24				! 0x00 to 0x23
	vector	clean_window			! 0x24
	faults	0x41 - 0x25
	interrupt_level 1			! 0x41
	interrupt_level 2			! 0x42
	faults	0x4e - 0x43
	interrupt_level 14			! 0x4e
	faults	0x60 - 0x4f
	vector	interrupt_vector		! 0x60
	faults	3
	vector	instruction_access_MMU_miss	! 0x64
	.skip	96
	vector	data_access_MMU_miss		! 0x68
	.skip	96
	vector	fault				! 0x6c fast_data_access_protection
	.skip	96
	faults	0x80 - 0x70
	.rept	16				! 0x80 to 0xbf
	spill_window
	.endr
	.rept	16				! 0xc0 to 0xff
	fill_window
	.endr
	faults	0x6d
	vector	system_call			! 0x16d: ta 0x6d
	faults	0x200 - 0x16e
	.endm

	.globl	trap_table
trap_table:
	trap_vectors				! TL = 0
	trap_vectors				! TL > 0
