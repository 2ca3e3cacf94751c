! Names that the other files use. ASIs and MMU registers: UltraSPARC-I chapter 6 and 9.
	ASI_PHYS_USE_EC = 0x14
	ASI_AIUP = 0x10
	ASI_NUCLEUS_QUAD_LDD = 0x24
	ASI_INTR_RECEIVE = 0x49
	ASI_IMMU = 0x50
	ASI_IMMU_TSB_8KB_PTR = 0x51
	ASI_ITLB_DATA_IN = 0x54
	ASI_IMMU_DEMAP = 0x57
	ASI_DMMU = 0x58
	ASI_DMMU_TSB_8KB_PTR = 0x59
	ASI_DTLB_DATA_IN = 0x5c
	ASI_DMMU_DEMAP = 0x5f
	ASI_INTR_R = 0x7f

	PRIMARY_CONTEXT = 0x08
	TLB_TAG_ACCESS = 0x30
	DEMAP_CONTEXT = 0x40
	DEMAP_NUCLEUS = 0x20
	! Page sizes of the nucleus in the primary context register of UltraSPARC III+: bits 63:58 (Linux CTX_PGSZ1_NUC_SHIFT)
	CTX_PGSZ_NUC_SHIFT = 58
	INTR_DATA_0 = 0x40
	INTR_DATA_1 = 0x50
	INTR_DATA_2 = 0x60

	TSTATE_PRIV = 0x400
	STACK_BIAS = 2047
	PAGE_SIZE = 8192
	! Bits of a TSB tag's upper word: see structures.ts
	TSB_TAG_LOCK_HIGH = 0x8000
	TSB_TAG_INVALID_HIGH = 0x4000

! The shim's gate: IMPDEP2 with i = 1 and bits 8:5 = 3, and the entry number (gate-entries.ts)
	.macro	gate entry
	.word	0x81b82060 + \entry
	.endm
	GATE_TASK = 0
	GATE_SYSCALL = 1
	GATE_RETURN_TO_USER = 2
	GATE_FAULT = 3
	GATE_TRIM = 4
	GATE_INTERRUPT = 16
