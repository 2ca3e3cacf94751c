/** A small static SPARC V9 executable made field by field: the tests change single bytes of it. */
export interface ElfParts {
  segments: { va: bigint; contents: Uint8Array; memoryBytes?: bigint; flags?: number; offset?: number }[]
  entry?: bigint
  symbols?: { name: string; address: bigint; size: bigint; type: number }[]
}

const PAGE = 8192

export function elfFile({ segments, entry = segments[0]?.va ?? 0n, symbols = [] }: ElfParts): Uint8Array {
  const placed = segments.map((segment, i) => ({ ...segment, offset: segment.offset ?? PAGE * (i + 1) }))
  const end = Math.max(PAGE, ...placed.map(({ offset, contents }) => offset + contents.length))
  const names = symbols.reduce((text, { name }) => `${text}${name}\0`, '\0')
  const symbolsAt = end + names.length + ((8 - ((end + names.length) % 8)) % 8)
  const sectionsAt = symbolsAt + 24 * (symbols.length + 1)
  const file = new Uint8Array(sectionsAt + (symbols.length > 0 ? 3 * 64 : 0))
  const view = new DataView(file.buffer)
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 2, 1])
  view.setUint16(16, 2)
  view.setUint16(18, 43)
  view.setUint32(20, 1)
  view.setBigUint64(24, entry)
  view.setBigUint64(32, 64n)
  view.setUint16(52, 64)
  view.setUint16(54, 56)
  view.setUint16(56, placed.length)
  for (const [i, { va, contents, memoryBytes, flags, offset }] of placed.entries()) {
    const at = 64 + i * 56
    view.setUint32(at, 1)
    view.setUint32(at + 4, flags ?? 5)
    view.setBigUint64(at + 8, BigInt(offset))
    view.setBigUint64(at + 16, va)
    view.setBigUint64(at + 32, BigInt(contents.length))
    view.setBigUint64(at + 40, memoryBytes ?? BigInt(contents.length))
    view.setBigUint64(at + 48, BigInt(PAGE))
    file.set(contents, offset)
  }
  if (symbols.length === 0) return file
  file.set(new TextEncoder().encode(names), end)
  for (const [i, { name, address, size, type }] of symbols.entries()) {
    const at = symbolsAt + 24 * (i + 1)
    view.setUint32(at, names.indexOf(`\0${name}\0`) + 1)
    view.setUint8(at + 4, 0x10 | type)
    view.setUint16(at + 6, 1)
    view.setBigUint64(at + 8, address)
    view.setBigUint64(at + 16, size)
  }
  view.setBigUint64(40, BigInt(sectionsAt))
  view.setUint16(58, 64)
  view.setUint16(60, 3)
  section(view, sectionsAt + 64, 2, symbolsAt, 24 * (symbols.length + 1), 2)
  section(view, sectionsAt + 128, 3, end, names.length, 0)
  return file
}

function section(view: DataView, at: number, type: number, offset: number, size: number, link: number): void {
  view.setUint32(at + 4, type)
  view.setBigUint64(at + 24, BigInt(offset))
  view.setBigUint64(at + 32, BigInt(size))
  view.setUint32(at + 40, link)
}
