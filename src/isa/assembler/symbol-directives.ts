import type { Assembly } from './assembly'
import type { Directive } from './data-directives'
import { AssemblyError } from './error'
import type { Scanner } from './scanner'

const nothing: Directive = (_, scanner) => {
  scanner.at = scanner.text.length
}

export const SYMBOL_DIRECTIVES: Readonly<Record<string, Directive>> = {
  '.set': set(false),
  '.equ': set(false),
  '.equiv': set(true),
  '.register': nothing,
  '.globl': symbolNames,
  '.global': symbolNames,
  '.local': symbolNames,
  '.weak': symbolNames,
  '.hidden': symbolNames,
  '.protected': symbolNames,
  '.internal': symbolNames,
  '.comm': common,
  '.common': common,
  '.lcomm': common,
  '.type': nothing,
  '.size': nothing,
  '.proc': nothing,
  '.ident': nothing,
  '.file': nothing,
  '.line': nothing,
  '.title': nothing,
  '.empty': nothing,
  '.optim': nothing,
  '.cfi_startproc': nothing,
  '.cfi_endproc': nothing,
  '.cfi_def_cfa_register': nothing,
  '.cfi_def_cfa_offset': nothing,
  '.cfi_def_cfa': nothing,
  '.cfi_window_save': nothing,
  '.cfi_register': nothing,
  '.cfi_offset': nothing,
  '.cfi_sections': nothing,
}

function set(once: boolean): Directive {
  return (assembly, scanner) => {
    scanner.skipBlanks()
    const position = scanner.position()
    const name = scanner.expectName('a symbol name')
    if (once && assembly.symbols.has(name)) throw new AssemblyError(position, `symbol '${name}' is already defined`)
    scanner.expect(',')
    assembly.symbols.defineVariable(name, assembly.expression(scanner), position)
  }
}

function symbolNames(_: Assembly, scanner: Scanner): void {
  do scanner.expectName('a symbol name')
  while (scanner.accept(','))
}

/** Room in .bss. The alignment is a number of bytes; without one, the largest power of two up to 8 that divides the size. */
function common(assembly: Assembly, scanner: Scanner): void {
  scanner.skipBlanks()
  const position = scanner.position()
  const name = scanner.expectName('a symbol name')
  scanner.expect(',')
  const size = assembly.count(scanner, 'a size in bytes')
  let alignment = size % 8 === 0 ? 8 : size % 4 === 0 ? 4 : size % 2 === 0 ? 2 : 1
  if (scanner.accept(',')) alignment = assembly.count(scanner, 'an alignment', 1 << 24) || 1
  if ((alignment & (alignment - 1)) !== 0) {
    throw new AssemblyError(position, `expected an alignment that is a power of two, found ${alignment}`)
  }
  const { section, previous } = assembly
  const bss = assembly.enter('.bss', 'aw', true)
  bss.alignment = Math.max(bss.alignment, alignment)
  assembly.reserve((alignment - (bss.size % alignment)) % alignment, position)
  assembly.symbols.defineLabel(name, assembly.here(), position)
  assembly.reserve(size, position)
  assembly.section = section
  assembly.previous = previous
}
