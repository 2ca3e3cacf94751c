/**
 * The kernel's structures in guest memory: offsets in bytes, every field a 64-bit word. Names are Linux's.
 */

/** Kernel virtual address of physical address 0: one locked, global, privileged 4 MB page. Below 4 GB, as mondo word 0 has 32 bits for the handler. */
export const KERNBASE = 0xf000_0000n
export const KERNEL_BYTES = 4 << 20
/** Where the firmware image lies; its trap table is first. */
export const FIRMWARE_PA = 0x8000

export const MM_STRUCT = {
  mm_users: 0n,
  mm_count: 8n,
  /** One bit a CPU: where the address space has (potentially) run. */
  mm_cpumask: 16n,
  /** Version in 63:13, number in 12:0 (Linux sparc64 mmu_context_t.sparc64_ctx_val). */
  context: 24n,
  context_lock: 32n,
  pgd: 40n,
  /** Physical address and number of entries of the TSB. */
  tsb: 48n,
  tsb_entries: 56n,
  page_table_lock: 64n,
} as const
export const MM_STRUCT_BYTES = 128

export const TASK_STRUCT = {
  mm: 0n,
  active_mm: 8n,
  pid: 16n,
  cpu: 24n,
  /** Thread context saved by switch_to. */
  thread: 64n,
} as const
export const TASK_STRUCT_BYTES = 4096

/** A call_single_data of one target, in the sender's per-CPU area. */
export const CSD = { next: 0n, func: 8n, info: 16n, flags: 24n } as const
export const CSD_BYTES = 32n
export const CSD_FLAG_LOCK = 1n
/** In a csd's func: the lock is released before the function runs. */
export const CSD_FUNC_ASYNCHRONOUS = 1n << 32n
const MAX_CPUS = 64n

/** tlb_batch of Linux's arch/sparc/mm/tlb.c; its size is a page of the structure there, smaller here. */
export const TLB_BATCH_NR = 192
const FLUSH_INFO = 64n + MAX_CPUS * CSD_BYTES
const TLB_BATCH = FLUSH_INFO + 64n

export const PER_CPU = {
  current: 0n,
  need_resched: 8n,
  call_single_queue: 16n,
  per_cpu_secondary_mm: 24n,
  csd: 64n,
  /** Argument of the flush that this CPU makes others do: FLUSH_INFO. */
  flush_info: FLUSH_INFO,
  tlb_batch_active: TLB_BATCH,
  tlb_batch_mm: TLB_BATCH + 8n,
  tlb_batch_nr: TLB_BATCH + 16n,
  tlb_batch_vaddrs: TLB_BATCH + 24n,
} as const
export const PER_CPU_BYTES = 4096

/** tlb_pending_info of Linux's arch/sparc/kernel/smp_64.c, and the mm for trimming. `nr` 0 is the whole context. */
export const FLUSH_INFO_FIELDS = { mm: 0n, ctx: 8n, nr: 16n, vaddrs: 24n, vaddr: 32n } as const

/** Kernel-wide words behind the per-CPU areas. */
export const GLOBAL = {
  ctx_alloc_lock: 0n,
  /** Version in 63:13, last number given in 12:0. */
  tlb_context_cache: 8n,
  init_mm: 64n,
  /** One bit a context number. */
  mmu_context_bmap: 1024n,
} as const
export const GLOBAL_BYTES = 2048

export const CTX_NR_BITS = 13n
export const CTX_NR_MASK = (1n << CTX_NR_BITS) - 1n
export const CTX_VERSION_MASK = ~CTX_NR_MASK & ((1n << 64n) - 1n)
export const CTX_FIRST_VERSION = 1n << CTX_NR_BITS
/** CTX_HWBITS: what goes into a context register. */
export const CTX_HWBITS = (context: bigint): bigint => context & CTX_NR_MASK

/**
 * Page sizes of the set-associative arrays in the context registers of UltraSPARC III+. Those of the nucleus, which the kernel sets once
 * and keeps: 4M in array 0, 8K in array 1 (Linux arch/sparc/include/asm/mmu_64.h CTX_CHEETAH_PLUS_NUC).
 */
export const CTX_PGSZ_NUC_MASK = 0x3fn << 58n
export const CTX_CHEETAH_PLUS_NUC = (3n << 61n) | (0n << 58n)

/** Bits of a TTE and of the page-table entries that hold one (UltraSPARC-I 6.2; bits 12:7 are software's). */
export const PTE = {
  VALID: 1n << 63n,
  PADDR: 0x1ff_ffff_e000n,
  EXEC: 1n << 12n,
  READ: 1n << 11n,
  LOCKED: 1n << 6n,
  CACHEABLE: 0x30n,
  SIDE_EFFECT: 1n << 3n,
  PRIVILEGED: 1n << 2n,
  WRITABLE: 1n << 1n,
  GLOBAL: 1n,
  SIZE_4M: 3n << 61n,
} as const

/** TSB tag: context in 63:48, VA<63:22> in 41:0 (UltraSPARC-I 6.3.1); the two bits between are software's, as in Linux. */
export const TSB_TAG_LOCK = 1n << 47n
export const TSB_TAG_INVALID = 1n << 46n
export const TSB_ENTRY_BYTES = 16n

export const PAGE_SIZE = 8192n
export const PTRS_PER_TABLE = 1024n
/** Three levels of tables of 1024 entries. */
export const TASK_SIZE = 1n << 43n
