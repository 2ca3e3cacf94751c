import { expect, it } from 'vitest'
import { PAGE_OBSERVED } from '../../src/state/physical-memory'
import { bareMachine } from './bare-machine'

const DATA = 0x30_0000
const NEXT_PAGE = DATA + 8192

it.each([
  ['ldx [%o0], %o1', 'load'],
  ['ldub [%o0], %o1', 'load'],
  ['ldxa [%o0] 0x80, %o1', 'load'],
  ['ldxa [%o0] 0x14, %o1', 'load'],
  ['stx %o1, [%o0]', 'store'],
  ['stb %o1, [%o0]', 'store'],
  ['stxa %o1, [%o0] 0x88', 'store'],
] as const)('an observer of a page hears each %s there, and none elsewhere', (source, access) => {
  const { machine } = bareMachine(`${source}\n`.repeat(3))
  const cpu = machine.cpus[0]!
  const heard: (readonly [string, number, number])[] = []
  machine.memory.observer = {
    load: (by, pa) => heard.push(['load', by, pa]),
    store: (by, pa) => heard.push(['store', by, pa]),
  }
  machine.memory.setPageFlag(DATA, PAGE_OBSERVED, true)
  const run = (address: number) => {
    heard.length = 0
    cpu.setR(8, BigInt(address))
    cpu.set('pc', 0x20_0000n)
    cpu.set('npc', 0x20_0004n)
    machine.step(0, 3)
    return [...heard]
  }
  expect(run(NEXT_PAGE)).toEqual([])
  expect(run(DATA)).toEqual(new Array(3).fill([access, 0, DATA]))
  expect(run(NEXT_PAGE)).toEqual([])
})
