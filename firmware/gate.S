! Where the kernel shim runs, and the ways from traps to it and back.

! A task's kernel frames at TL = 0. Without any the CPU idles here.
	.globl	kernel_gate
kernel_gate:
	gate	GATE_TASK
	ba,a,pt	%xcc, kernel_gate

! do_syscall moves TPC behind the trap instruction.
system_call:
	gate	GATE_SYSCALL
! A new user thread starts here.
	.globl	return_to_user
return_to_user:
	gate	GATE_RETURN_TO_USER
	retry

! Any trap that software has to look at: do_fault gets its type and level.
fault:
	gate	GATE_FAULT
	.globl	return_from_trap
return_from_trap:
	rdpr	%tstate, %g1
	andcc	%g1, TSTATE_PRIV, %g0
	bne,pt	%xcc, 1f
	 nop
	gate	GATE_RETURN_TO_USER
1:	retry

! The clean_window handler runs in the window that it cleans.
clean_window:
	rdpr	%cleanwin, %l0
	add	%l0, 1, %l0
	wrpr	%l0, 0, %cleanwin
	clr	%l0
	clr	%l1
	clr	%l2
	clr	%l3
	clr	%l4
	clr	%l5
	clr	%l6
	clr	%l7
	clr	%o0
	clr	%o1
	clr	%o2
	clr	%o3
	clr	%o4
	clr	%o5
	clr	%o6
	clr	%o7
	retry
