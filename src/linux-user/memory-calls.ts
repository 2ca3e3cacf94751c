import { host, note, shim, write_pte } from '../kernel-shim'
import {
  change_protection,
  find_vma,
  insert_vma,
  mmap_write_lock,
  mmap_write_unlock,
  move_page_tables,
  unmap_region,
  zap_page_range,
} from './address-space'
import { type CallResult, fail, int, size } from './call-result'
import {
  MADV_DONTNEED,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_TYPE,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  PAGE_BYTES,
  PAGE_MASK,
  PROT_ALL,
  PROT_READ,
  PROT_WRITE,
} from './constants'
import { pteFor } from './page-fault'
import { hostSideOf, processOf } from './process'
import { coveredEnd, findFree, isCovered, isFree, removeRange, type Vma } from './vma'

/** Where mmap looks for room, from the bottom up; the stack is above. */
export const MMAP_BASE = 0x100_0000_0000n
export const MMAP_TOP = 0x700_0000_0000n
/** STACK_TOP64 of Linux arch/sparc/include/asm/processor_64.h. */
export const STACK_TOP = (1n << 43n) - (1n << 32n)
export const STACK_BYTES = 8n << 20n
const USER_END = 1n << 43n

const pageAlign = (value: bigint) => (value + PAGE_MASK) & ~PAGE_MASK
const isPage = (value: bigint) => (value & PAGE_MASK) === 0n

const process_mm = () => note('mm', ({ kernel }) => processOf(kernel).mm)

export const sys_brk = shim('sys_brk', function* (address: bigint) {
  yield* mmap_write_lock()
  const result: CallResult = yield* do_brk(address)
  yield* mmap_write_unlock()
  return result
})

const do_brk = shim('do_brk', function* (address: bigint) {
  const { brk, grown } = yield* host('brk', ({ kernel }) => {
    const process = processOf(kernel)
    const { vmas, brkStart, brk: before } = process
    const refused = { brk: before, grown: true }
    if (address < brkStart || address >= MMAP_BASE) return refused
    const [from, to] = [pageAlign(before), pageAlign(address)]
    if (to > from && !isFree(vmas, from, to)) return refused
    process.brk = address
    return { brk: before, grown: to >= from }
  })
  const { mm, now } = yield* note('brk now', ({ kernel }) => ({ mm: processOf(kernel).mm, now: processOf(kernel).brk }))
  const [from, to] = [pageAlign(brk), pageAlign(now)]
  if (!grown) yield* unmap_region(mm, to, from)
  else if (to > from)
    yield* insert_vma({ start: from, end: to, protection: PROT_READ | PROT_WRITE, shared: false, name: 'heap' })
  return now
})

export const sys_mmap = shim(
  'sys_mmap',
  function* (address: bigint, length: bigint, protection: bigint, flagBits: bigint, fd: bigint, offset: bigint) {
    const flags = int(flagBits)
    const type = flags & MAP_TYPE
    if (length === 0n || !isPage(offset) || (type !== MAP_SHARED && type !== MAP_PRIVATE)) return fail('EINVAL')
    const bytes = pageAlign(length)
    if (bytes > USER_END) return fail('ENOMEM')
    const file = flags & MAP_ANONYMOUS ? null : yield* mappable_file(int(fd), int(protection), type === MAP_SHARED)
    if (typeof file === 'bigint') return file
    yield* mmap_write_lock()
    const result: CallResult = yield* do_mmap(address, bytes, int(protection) & PROT_ALL, flags, file, offset)
    yield* mmap_write_unlock()
    return result
  },
)

/** The host's file that a descriptor names, if it can be mapped: privately, or shared to be read. */
const mappable_file = (fd: number, protection: number, shared: boolean) =>
  host('mappable file', ({ kernel }): number | bigint => {
    const descriptor = processOf(kernel).descriptors[fd]
    if (descriptor === undefined) return fail('EBADF')
    if (descriptor.kind !== 'file') return fail('ENODEV')
    if (!descriptor.readable) return fail('EACCES')
    return shared && protection & PROT_WRITE ? fail('ENODEV') : descriptor.handle
  })

const do_mmap = shim(
  'do_mmap',
  function* (hint: bigint, bytes: bigint, protection: number, flags: number, file: number | null, offset: bigint) {
    const mm = yield* process_mm()
    const at = yield* host('choose address', ({ kernel }) => chooseAddress(processOf(kernel).vmas, hint, bytes, flags))
    if (at < 0n) return at
    if (flags & MAP_FIXED) yield* unmap_region(mm, at, at + bytes)
    if (file !== null) {
      const outcome: CallResult = yield* map_file(mm, at, bytes, protection, file, offset)
      if (outcome < 0n) return outcome
    }
    const shared = (flags & MAP_TYPE) === MAP_SHARED
    yield* insert_vma({ start: at, end: at + bytes, protection, shared, name: '' })
    return at
  },
)

function chooseAddress(vmas: Parameters<typeof findFree>[0], hint: bigint, bytes: bigint, flags: number): CallResult {
  if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
    if (!isPage(hint) || hint === 0n) return fail('EINVAL')
    if (hint + bytes > USER_END) return fail('ENOMEM')
    if (flags & MAP_FIXED_NOREPLACE && !isFree(vmas, hint, hint + bytes)) return fail('EEXIST')
    return hint
  }
  const wanted = pageAlign(hint)
  if (wanted !== 0n && wanted + bytes <= USER_END && isFree(vmas, wanted, wanted + bytes)) return wanted
  return findFree(vmas, bytes, MMAP_BASE, MMAP_TOP) ?? fail('ENOMEM')
}

/** Copies a file's pages into frames, before the range exists. What is behind the end of the file reads as zero. */
const map_file = shim(
  'map_file',
  function* (mm: bigint, start: bigint, bytes: bigint, protection: number, handle: number, offset: bigint) {
    for (let at = 0n; at < bytes; at += FILE_CHUNK) {
      const length = bytes - at < FILE_CHUNK ? bytes - at : FILE_CHUNK
      const ok = yield* map_file_pages(mm, start + at, length, protection, handle, offset + at)
      if (!ok) {
        yield* zap_page_range(mm, start, start + bytes)
        return fail('ENOMEM')
      }
    }
    return 0n
  },
)

const FILE_CHUNK = 64n * PAGE_BYTES

const map_file_pages = (
  mm: bigint,
  start: bigint,
  length: bigint,
  protection: number,
  handle: number,
  offset: bigint,
) =>
  host('map file pages', ({ kernel, cpu, machine }) => {
    const contents = hostSideOf(kernel).files.get(handle)?.read(size(offset), Number(length)) ?? new Uint8Array(0)
    for (let at = 0; at < Math.min(contents.length, Number(length)); at += Number(PAGE_BYTES)) {
      const frame = kernel.allocator.page(cpu.index)
      if (frame === undefined) return false
      machine.memory.writeBytes(Number(frame), contents.subarray(at, at + Number(PAGE_BYTES)))
      if (write_pte(kernel, cpu.index, mm, start + BigInt(at), pteFor(frame, protection)) === undefined) return false
    }
    return true
  })

/** Whether [address, address + length) is a range of whole user pages; length in pages. */
function userRange(address: bigint, length: bigint): boolean {
  return isPage(address) && length <= USER_END && address + pageAlign(length) <= USER_END
}

export const sys_munmap = shim('sys_munmap', function* (address: bigint, length: bigint) {
  if (length === 0n || !userRange(address, length)) return fail('EINVAL')
  yield* mmap_write_lock()
  yield* unmap_region(yield* process_mm(), address, address + pageAlign(length))
  yield* mmap_write_unlock()
  return 0n
})

export const sys_mprotect = shim('sys_mprotect', function* (address: bigint, length: bigint, protection: bigint) {
  if (!isPage(address) || (int(protection) & ~PROT_ALL) !== 0) return fail('EINVAL')
  if (length === 0n) return 0n
  if (!userRange(address, length)) return fail('ENOMEM')
  yield* mmap_write_lock()
  const whole = yield* change_protection(yield* process_mm(), address, address + pageAlign(length), int(protection))
  yield* mmap_write_unlock()
  return whole ? 0n : fail('ENOMEM')
})

export const sys_mremap = shim(
  'sys_mremap',
  function* (address: bigint, oldLength: bigint, newLength: bigint, flagBits: bigint, target: bigint) {
    const flags = int(flagBits)
    if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED)) !== 0 || !isPage(address) || newLength === 0n) return fail('EINVAL')
    if (oldLength === 0n || !userRange(address, oldLength) || newLength > USER_END) return fail('EINVAL')
    yield* mmap_write_lock()
    const result: CallResult = yield* do_mremap(address, pageAlign(oldLength), pageAlign(newLength), flags, target)
    yield* mmap_write_unlock()
    return result
  },
)

const do_mremap = shim(
  'do_mremap',
  function* (from: bigint, oldLength: bigint, newLength: bigint, flags: number, target: bigint) {
    const mm = yield* process_mm()
    if (flags & MREMAP_FIXED) {
      const apart = target + newLength <= from || from + oldLength <= target
      if (!(flags & MREMAP_MAYMOVE) || !userRange(target, newLength) || target === 0n || !apart) return fail('EINVAL')
    }
    const vma = yield* find_vma(from)
    if (vma === null || from + oldLength > vma.end) return fail('EFAULT')
    if (flags & MREMAP_FIXED) {
      yield* unmap_region(mm, target, target + newLength)
      const kept = oldLength < newLength ? oldLength : newLength
      if (kept < oldLength) yield* unmap_region(mm, from + kept, from + oldLength)
      yield* move_vma(mm, from, kept, target, newLength)
      return target
    }
    if (newLength <= oldLength) {
      if (newLength < oldLength) yield* unmap_region(mm, from + newLength, from + oldLength)
      return from
    }
    const room = yield* host('room to grow', ({ kernel }) => {
      const { vmas } = processOf(kernel)
      if (from + newLength <= USER_END && isFree(vmas, from + oldLength, from + newLength)) return from
      return flags & MREMAP_MAYMOVE
        ? (findFree(vmas, newLength, MMAP_BASE, MMAP_TOP) ?? fail('ENOMEM'))
        : fail('ENOMEM')
    })
    if (room < 0n) return room
    if (room !== from) yield* move_vma(mm, from, oldLength, room, newLength)
    else yield* insert_vma({ ...vma, start: from + oldLength, end: from + newLength })
    return room
  },
)

const move_vma = shim('move_vma', function* (mm: bigint, from: bigint, length: bigint, to: bigint, newLength: bigint) {
  const vma = yield* find_vma(from)
  if (vma === null) return
  yield* host('remove range', ({ kernel }) => {
    removeRange(processOf(kernel).vmas, from, from + length)
    return undefined
  })
  yield* move_page_tables(mm, from, to, length)
  yield* insert_vma({ ...vma, start: to, end: to + newLength })
})

/** Advice that changes nothing here. */
const ADVICE: ReadonlySet<number> = new Set([0, 1, 2, 3, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21])

export const sys_madvise = shim('sys_madvise', function* (address: bigint, length: bigint, advice: bigint) {
  const what = int(advice)
  if (!isPage(address) || (what !== MADV_DONTNEED && !ADVICE.has(what))) return fail('EINVAL')
  if (length === 0n) return 0n
  if (!userRange(address, length)) return fail('EINVAL')
  const end = address + pageAlign(length)
  if (what !== MADV_DONTNEED) return 0n
  yield* mmap_write_lock()
  const { mm, whole, pieces } = yield* host('advised ranges', ({ kernel }) => {
    const process = processOf(kernel)
    const inside = process.vmas.filter((vma) => vma.end > address && vma.start < end)
    return {
      mm: process.mm,
      whole: isCovered(process.vmas, address, end),
      pieces: inside.map((vma) => overlap(vma, address, end)),
    }
  })
  for (const piece of pieces) yield* zap_page_range(mm, piece.start, piece.end)
  yield* mmap_write_unlock()
  return whole ? 0n : fail('ENOMEM')
})

function overlap(vma: Vma, start: bigint, end: bigint): { start: bigint; end: bigint } {
  const piece = { start, end }
  if (vma.start > start) piece.start = vma.start
  if (vma.end < end) piece.end = vma.end
  return piece
}

/** mlock, munlock, msync: memory is always resident and files are not written through mappings. */
export const sys_whole_range = shim('sys_whole_range', function* (address: bigint, length: bigint) {
  const from = address & ~PAGE_MASK
  const end = pageAlign(address + length)
  if (end > USER_END) return fail('ENOMEM')
  const covered = yield* host('covered', ({ kernel }) => coveredEnd(processOf(kernel).vmas, from, end) >= end)
  return covered ? 0n : fail('ENOMEM')
})
