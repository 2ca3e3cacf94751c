import type { Assembly } from './assembly'
import type { Directive } from './data-directives'
import type { Scanner } from './scanner'

export const SECTION_DIRECTIVES: Readonly<Record<string, Directive>> = {
  '.text': (assembly) => {
    assembly.enter('.text', 'ax')
  },
  '.data': (assembly) => {
    assembly.enter('.data', 'aw')
  },
  '.bss': (assembly) => {
    assembly.enter('.bss', 'aw', true)
  },
  '.section': section,
  '.seg': (assembly, scanner) => {
    const name = scanner.string()
    if (name === undefined) throw scanner.unexpected('a string in double quotes')
    enterByName(assembly, `.${new TextDecoder().decode(name)}`)
  },
  '.previous': (assembly) => {
    const { section: current, previous } = assembly
    assembly.section = previous
    assembly.previous = current
  },
  '.pushsection': (assembly, scanner, position) => {
    const { section: current, previous } = assembly
    assembly.stack.push({ section: current, previous })
    section(assembly, scanner, position)
  },
  '.popsection': (assembly, scanner) => {
    const outer = assembly.stack.pop()
    if (outer === undefined) throw scanner.error('no .pushsection stands before this', 0)
    assembly.section = outer.section
    assembly.previous = outer.previous
  },
}

const SUN_FLAGS: Readonly<Record<string, string>> = { alloc: 'a', write: 'w', execinstr: 'x', tls: 'T', exclude: 'e' }

function section(assembly: Assembly, scanner: Scanner, _position: unknown): void {
  const quoted = scanner.string()
  const name = quoted === undefined ? scanner.match(/\s*([\w.$-]+)/y)?.[1] : new TextDecoder().decode(quoted)
  if (name === undefined || name === '') throw scanner.unexpected('a section name')
  let flags: string | undefined
  let empty = false
  while (scanner.accept(',')) {
    const text = scanner.string()
    const word = scanner.match(/\s*([#@%]?)([\w.$]+)/y)
    if (text !== undefined) flags = new TextDecoder().decode(text)
    else if (word === undefined) throw scanner.unexpected('section flags')
    else if (word[1] === '#' && SUN_FLAGS[word[2]!] !== undefined) flags = (flags ?? '') + SUN_FLAGS[word[2]!]
    else if (word[2] === 'nobits') empty = true
  }
  enterByName(assembly, name, flags, empty)
}

function enterByName(assembly: Assembly, name: string, flags?: string, empty = false): void {
  const isKind = (kind: string) => name === kind || name.startsWith(`${kind}.`)
  const byName =
    isKind('.text') || isKind('.init') || isKind('.fini') ? 'ax' : isKind('.data') || isKind('.bss') ? 'aw' : 'a'
  assembly.enter(name, flags ?? byName, empty || isKind('.bss'))
}
