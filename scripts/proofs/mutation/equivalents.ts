import type { Operator } from './operators'

/** Mutants that behave as the original does, so that no test can tell them apart. */
export interface EquivalentMutant {
  /** A file, or what the names of such look like. */
  readonly file: string | RegExp
  /** The line as it is, without its indentation, or what such look like; left out, it may be any. */
  readonly line?: string | RegExp
  /** What the mutant makes of it; several if several do no harm for the one reason, or what such look like; left out, it may be any. */
  readonly mutated?: readonly string[] | RegExp
  /** What the mutant changed looks so, and it was changed in this way. */
  readonly change?: { readonly operator: Operator; readonly of: RegExp }
  readonly reason: string
}

/** The bits of a word, one by one. */
function bitsOf(word: bigint): bigint[] {
  return Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit)).filter((bit) => word & bit)
}

export const EQUIVALENT_MUTANTS: readonly EquivalentMutant[] = [
  {
    file: /^src\/isa\/instructions\//,
    change: { operator: 'swapped-operands', of: /^s\.(?:add|mul|and|or|xor|equal|both|either)\(/ },
    reason: 'a sum, product or bitwise operation of two words does not depend on their order',
  },
  {
    file: 'src/state/hash.ts',
    change: { operator: 'swapped-operands', of: /^Math\.imul\(/ },
    reason: 'a product does not depend on the order of its factors',
  },
  {
    file: /^src\//,
    change: { operator: 'swapped-operands', of: /^Math\.(?:min|max)\(/ },
    reason: 'the least and the greatest of some numbers do not depend on their order',
  },
  {
    file: 'src/smp/scheduler.ts',
    line: 'return { cpu, instructions: 1 + (this.draw() % (2 * this.quantum - 1)) }',
    mutated: ['return { cpu, instructions: 1 + (this.draw() % ((1) - (2 * this.quantum))) }'],
    reason: 'a remainder does not depend on the sign of the divisor',
  },
  {
    file: /^src\/isa\/softfloat\//,
    change: { operator: 'swapped-operands', of: /^exactSum\(|^this\.product\(/ },
    reason: 'an exact sum and a product of numbers do not depend on their order',
  },
  {
    file: 'src/isa/softfloat/format.ts',
    line: 'const negative = value < 0n',
    mutated: ['const negative = value <= 0n', 'const negative = value < 1n'],
    reason: 'they differ for 0 alone, of which nobody uses the sign, and whose magnitude is 0 either way',
  },
  {
    file: 'src/isa/softfloat/host-float.ts',
    line: 'const SAFE_SINGLE = 2 ** -125',
    mutated: ['const SAFE_SINGLE = 2 ** -126', 'const SAFE_SINGLE = 2 ** -124'],
    reason:
      'above 2 ** -126 both ways give the same: a quotient of two 24-bit numbers is a power of two or at least 2 ** -24 of it away, which a double shows',
  },
  {
    file: 'src/isa/softfloat/host-float.ts',
    line: /^const DOUBLE_(?:TINY|HUGE) = 2 \*\* -?\d+$/,
    mutated: /= 2 \*\* -?(?:399|401)$/,
    reason:
      'both ways give the same far beyond: products and residuals of doubles of 2 ** -450 to 2 ** 450 neither over- nor underflow',
  },
  {
    file: 'src/isa/softfloat/host-float.ts',
    change: { operator: 'off-by-one', of: /^[<>]=?$/ },
    line: /DOUBLE_TINY|DOUBLE_HUGE|SAFE_SINGLE/,
    reason: 'at the bound itself both ways give the same',
  },
  {
    file: 'src/isa/softfloat/soft-float.ts',
    line: 'let root = 1n << BigInt((bitLength(a) + 1) >> 1)',
    mutated: [
      'let root = 2n << BigInt((bitLength(a) + 1) >> 1)',
      'let root = 1n << BigInt((bitLength(a) + 2) >> 1)',
      'let root = 1n << BigInt((bitLength(a) + 1) >> 0)',
      'let root = 1n << BigInt((bitLength(a) + 1) << 1)',
    ],
    reason: "Newton's iteration falls to the root from any number above it",
  },
  {
    file: 'src/isa/softfloat/host-float.ts',
    line: 'const scratchBits = new BigUint64Array(1)',
    mutated: ['const scratchBits = new BigUint64Array(2)'],
    reason: 'another doubleword that nobody uses',
  },
  {
    file: 'src/engine/reference-traps.ts',
    line: "this.setSmall('pstate', 0)",
    mutated: ["this.setSmall('pstate', 1)"],
    reason: 'entering RED_state, which comes next, keeps TLE and no other bit of it',
  },
  {
    file: /^src\/engine\/reference-/,
    change: { operator: 'swapped-operands', of: /^this\.memory\.isRam\(/ },
    reason: 'it looks at the sum of address and size alone, neither of which is ever negative',
  },
  {
    file: 'src/engine/reference-pointers.ts',
    line: /^(?:private special(?:Pa|Asi|Va) = |const SPECIAL = -1$|if \(pointer < 0\)|return pointer < 0 )/,
    change: { operator: 'off-by-one', of: /^(?:\d+n?|<)$/ },
    reason:
      'what is special is told by the sign, RAM does not begin at arena offset 0, and all of the special access is set before it is read',
  },
  {
    file: 'src/engine/reference-memory.ts',
    line: /^(?:va: 0n|context: 'primary'|access: 'load'),$/,
    reason: 'each translation sets it before it is read; a bypass sets no context, and reads none',
  },
  {
    file: 'src/engine/reference-memory.ts',
    line: 'const at = ((low >>> 13) & 255) << 3',
    mutated: /^const at = .* (?:<<|>>) [2-4]$/,
    reason: 'an entry of another page is looked at; entries hold all of their page number, and a miss gives the same',
  },
  {
    file: 'src/engine/reference-memory.ts',
    line: 'const PAGE_MASK = -8192',
    mutated: ['const PAGE_MASK = -8191'],
    reason: 'bytes at odd addresses miss the fast table, which gives the same; other accesses are at even ones',
  },
  {
    file: 'src/engine/reference-memory.ts',
    line: "if (access !== 'load' && flags !== 0) this.memory.touched(pa, size)",
    mutated: ["if (access !== 'load' || flags !== 0) this.memory.touched(pa, size)"],
    reason: 'a load counts as a store that changes nothing: code is decoded again, and a page as it was is copied',
  },
  {
    file: 'src/engine/reference-core.ts',
    line: 'export const NO_FAST_TAG = 1',
    mutated: ['export const NO_FAST_TAG = 2'],
    reason: 'tags of entries have none of the bits 5:0',
  },
  {
    file: 'src/engine/reference-float-registers.ts',
    line: 'const FSR_FCC_HIGH = 0x3f_0000_0000n',
    mutated: bitsOf(0xcf80_0fffn).map((bit) => `const FSR_FCC_HIGH = 0x${(0x3f_0000_0000n | bit).toString(16)}n`),
    reason: 'it is only used together with FSR_WRITABLE_LOW, which has the bit',
  },
  {
    file: 'src/engine/reference-integer.ts',
    change: { operator: 'swapped-operands', of: /^addFlags\(/ },
    reason: 'a sum, its overflow and its carry do not depend on the order of the operands',
  },
  {
    file: 'src/engine/reference.ts',
    line: 'const at = (low >>> PAGE_SHIFT) % FETCH_CACHE_ENTRIES',
    reason: 'an entry of the cache is only used for the page, context and generation that it names, wherever it is',
  },
  {
    file: 'src/engine/reference.ts',
    line: /^const FETCH_CACHE_ENTRIES = \d+$/,
    reason: 'a cache of another size is filled more or less often',
  },
  {
    file: 'src/engine/reference.ts',
    line: /^(?:const NO_GENERATION = -1|let page(?:Low|High) = 0|const NO_PAGE = new CodePage\(0\))$/,
    mutated: [
      'const NO_GENERATION = -0',
      'const NO_GENERATION = -2',
      'let pageLow = 1',
      'let pageHigh = 1',
      'const NO_PAGE = new CodePage(1)',
    ],
    reason: 'no generation of an MMU is 0 or less, and without a generation the page is looked up',
  },
  {
    file: 'src/engine/reference.ts',
    line: 'if (((low ^ pageLow) & PAGE_MASK) !== 0 || high !== pageHigh || generation !== fetchGeneration(mmu)) {',
    mutated: /\(\(low \| pageLow\) & PAGE_MASK\)|\(\(low \^ pageLow\) \| PAGE_MASK\)|PAGE_MASK\) !== 1 /,
    reason: 'the page is looked up more often',
  },
  {
    file: 'src/engine/reference.ts',
    line: 'cpu.attention = ATTENTION_INTERRUPT | (this.breakpoints.size > 0 ? ATTENTION_DEBUG : 0)',
    mutated: /this\.breakpoints\.size >= 0 \?|ATTENTION_DEBUG : 1\)/,
    reason: 'breakpoints that there are not are looked up, or interrupts, which are looked up anyway',
  },
  {
    file: 'src/engine/reference.ts',
    line: /^(?:if \(cpu\.attention & ATTENTION_INTERRUPT\) \{|cpu\.attention &= ~ATTENTION_INTERRUPT)$/,
    mutated: ['if (cpu.attention | ATTENTION_INTERRUPT) {', ';'],
    reason: 'interrupts are looked up more often, which changes nothing: whatever may let one in has them looked up',
  },
  {
    file: 'src/engine/reference.ts',
    line: 'page.instructions[at] = decoded',
    mutated: [';'],
    reason: 'the instruction is decoded each time',
  },
  {
    file: 'src/engine/reference.ts',
    line: 'executed = 0',
    mutated: ['executed = 1'],
    reason: 'a run sets it before anyone reads it',
  },
  {
    file: 'src/engine/reference.ts',
    line: 'generation = this.fetchObserved ? NO_GENERATION : fetchGeneration(mmu)',
    mutated: [';'],
    reason: 'the page is looked up at each instruction, in the cache',
  },
  {
    file: 'src/engine/reference.ts',
    line: 'this.fetchObserved = false',
    mutated: [';'],
    reason: 'after a use of an observed entry each page is looked up at each instruction, in the cache',
  },
  {
    file: 'src/engine/reference.ts',
    line: /^this\.code\.get\(.*\)\?\.instructions\.fill\(undefined, first, first \+ Math\.max\(1, size >>> 2\)\)$/,
    mutated: /first \+ Math\.max\((?:2, size >>> 2|size >>> 2, 1|1, size << 2|1, size >>> 1)\)\)$/,
    reason: 'the same words, or more, are decoded anew',
  },
  {
    file: 'src/engine/reference-core.ts',
    line: /^(?:trapType|targetLow|targetHigh|dataTag|trapLevel) = 0$/,
    change: { operator: 'off-by-one', of: /^0$/ },
    reason: 'it is set before it is first read',
  },
  {
    file: 'src/engine/reference-core.ts',
    line: "stopReason: CpuStop = 'budget'",
    reason: 'each run sets it before it is first read',
  },
  {
    file: 'src/engine/reference-core.ts',
    line: 'const LEVEL_14_SOFTINT = 0x1_0001',
    mutated: ['const LEVEL_14_SOFTINT = 0x14001'],
    reason: 'it sets bit 14 where bit 14 is set',
  },
  {
    file: 'src/engine/reference-core.ts',
    line: 'const levels = softint & LEVEL_14_SOFTINT ? softint | 0x4000 : softint',
    mutated: bitsOf(0x3fffn).map(
      (bit) => `const levels = softint & LEVEL_14_SOFTINT ? softint | 0x${(0x4000n | bit).toString(16)} : softint`,
    ),
    reason: 'only the highest bit counts',
  },
  {
    file: 'src/engine/reference-core.ts',
    line: /^protected readonly (?:s64 = new BigInt64Array\(8\)|globalsOfTrap = new Uint16Array\(512\)\.fill\(PSTATE_AG\))$/,
    change: { operator: 'off-by-one', of: /^(?:8|512)$/ },
    reason: 'the last element of the array is not used',
  },
  {
    file: 'src/engine/reference-cpu.ts',
    line: 'this.s64[0] = target',
    mutated: [';', 'this.s64[1] = target'],
    reason:
      'requireTarget, which comes before each jump, has put it there; its own line is not spared, as tests notice it',
  },
  {
    file: 'src/engine/reference-core.ts',
    line: 'export const STAY = 4',
    mutated: ['export const STAY = 5'],
    reason: 'any number that is none of the others',
  },
  {
    file: 'src/engine/reference-core.ts',
    line: 'export const ATTENTION_DEBUG = 4',
    mutated: ['export const ATTENTION_DEBUG = 5'],
    reason: 'it is there to have the CPU look up, and is not tested itself',
  },
  {
    file: 'src/kernel-shim/tlb-local.ts',
    line: /storeAsi\(ASI\.ASI_[ID]MMU_DEMAP, .*, 0n\)$/,
    mutated: /storeAsi\(ASI\.ASI_[ID]MMU_DEMAP, [^,]*, 1n\)$/,
    reason: 'the data of a demap are ignored (UltraSPARC-I 6.9.10)',
  },
  {
    file: 'src/smp/clock.ts',
    line: 'if (match > this.now && (this.next === undefined || match < this.next)) this.next = match',
    mutated: ['if (match > this.now && (this.next === undefined || match <= this.next)) this.next = match'],
    reason: 'of two timers that match at the same time either says when that is',
  },
  {
    file: 'src/smp/clock.ts',
    line: 'this.dirty = false',
    mutated: [';'],
    reason: 'the next timer is looked up each time it is asked for, which gives the same',
  },
  {
    file: 'src/engine/store-buffer.ts',
    change: { operator: 'swapped-operands', of: /^this\.memory\.isRam\(pa, size\)$/ },
    reason: 'neither is negative, and where an access ends is the sum of the two',
  },
  {
    file: 'src/engine/store-buffer.ts',
    line: 'const BITS = Array.from({ length: 256 }, (_, bytes) => {',
    mutated: ['const BITS = Array.from({ length: 257 }, (_, bytes) => {'],
    reason: 'a byte mask is below 256',
  },
  {
    file: 'src/engine/store-buffer.ts',
    line: 'memory.storeRam(pa, 8, (memory.peek(pa, 8) & ~bits) | value)',
    mutated: /memory\.peek\(pa, [79]\)/,
    reason: 'a peek of no other size is one of a doubleword',
  },
  {
    file: 'src/engine/store-buffer.ts',
    line: 'this.met = undefined',
    mutated: [';'],
    reason: 'what is met later is told to nobody: the set was copied, and the next one begins empty',
  },
  {
    file: 'src/engine/trial.ts',
    line: /^const (?:registers|time|savedRegisters|savedTime) = /,
    mutated: [
      'const registers = (3) >> (base)',
      'const registers = base >> 4',
      'const time = (3) >> ((base + timeless))',
      'const time = (base + timeless) >> 4',
      'const savedRegisters = w64.slice(registers, (base + itlb) << 3)',
      'const savedRegisters = w64.slice(registers, (base + itlb) >> 2)',
      'const savedTime = w64.slice(time, (base + cpuBlockBytes) << 3)',
      'const savedTime = w64.slice(time, (base + cpuBlockBytes) >> 2)',
    ],
    reason: 'more is put back than can have changed, all of it as it was',
  },
  {
    file: 'src/smp/system-registers.ts',
    line: /^configuration\((?:5n, UPA_CAPABILITIES|10n),/,
    mutated: /^configuration\((?:6n, UPA_CAPABILITIES|9n|11n),/,
    reason: 'no machine of UPA has more than 32 CPUs, none of Safari more than 64',
  },
  {
    file: 'src/mmu/mmu.ts',
    line: /^(?:instructionGeneration|contextGeneration) = 0$/,
    reason: 'a generation is only compared with an earlier one',
  },
  {
    file: 'src/mmu/tlb.ts',
    line: 'usedClears = 0',
    reason: 'the count is only compared with an earlier one',
  },
  {
    file: 'src/mmu/tlb.ts',
    change: { operator: 'wrong-operator', of: /^\+$/ },
    mutated: /(?:\bat|ENTRY_WORDS) - TAG_LO\]/,
    reason: 'TAG_LO is 0: the tag is the first word of an entry',
  },
  {
    file: 'src/mmu/fast-table.ts',
    change: { operator: 'wrong-operator', of: /^\+$/ },
    mutated: /\bat - FAST_READ_TAG\b/,
    reason: 'FAST_READ_TAG is 0: the tag of reads is the first word of an entry',
  },
  {
    file: 'src/mmu/fast-table.ts',
    line: 'const SOURCE = 5',
    mutated: ['const SOURCE = 6'],
    reason: 'words 5 to 7 of an entry hold nothing else, and engines do not read them',
  },
  {
    file: 'src/mmu/fast-table.ts',
    line: 'const key = context * 2 + (privileged ? 1 : 0)',
    mutated: [
      'const key = context * 2 - (privileged ? 1 : 0)',
      'const key = context * 2 + (!(privileged) ? 1 : 0)',
      'const key = context * 3 + (privileged ? 1 : 0)',
    ],
    reason: 'it is only the key of a map, and as before another one for each pair of context and privilege',
  },
  {
    file: 'src/mmu/fast-table.ts',
    line: 'words[at + FAST_WRITE_TAG] = writable ? tag : 0',
    mutated: ['words[at + FAST_WRITE_TAG] = writable ? tag : 1'],
    reason: 'bits 12:6 of any tag that is asked for are a context tag, which is never 0: neither is ever met',
  },
  {
    file: 'src/mmu/fast-table.ts',
    line: /^for \(let left = slotsOf\(pageMask\), page = vaLo; left > 0; /,
    change: { operator: 'off-by-one', of: /^>$/ },
    reason: 'one slot more is looked at, which keeps what it has unless that was made from the same TLB entry or page',
  },
  {
    file: 'src/kernel-shim/tlb-local.ts',
    line: 'const va = vaddr & ~1n',
    mutated: ['const va = vaddr & ~0n', 'const va = vaddr & ~2n'],
    reason:
      'bits 3:0 of the address of a demap choose nothing (UltraSPARC-I 6.9.10); the other bits of an offset are never set',
  },
  {
    file: 'src/kernel-shim/xcall.ts',
    line: 'storeAsi(cx, ASI.ASI_INTR_W, address, 0n)',
    mutated: ['storeAsi(cx, ASI.ASI_INTR_W, address, 1n)'],
    reason:
      'a store to the dispatch address sends what is in the data registers, whatever it stores (UltraSPARC-I 9.3.2)',
  },
]
