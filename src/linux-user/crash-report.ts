import { disassemble } from '../isa'
import type { OperationContext } from '../kernel-shim'
import { signalName } from './constants'
import { hostSideOf } from './process'
import type { PendingSignal } from './signal-table'
import { userWord } from './user-page'
import { inIndex, localIndex, readUserRegisters, userWindow } from './user-registers'

/** What a person needs to see why a signal ended the program: where it was, the instruction, the registers. */
export function crashReport(cx: OperationContext, signal: PendingSignal): string {
  const { cpu } = cx
  const { pc, npc, tstate, y, globals, outs } = readUserRegisters(cpu)
  const window = userWindow(cpu)
  const locals = Array.from({ length: 8 }, (_, n) => cpu.get('windows', localIndex(window, n)))
  const ins = Array.from({ length: 8 }, (_, n) => cpu.get('windows', inIndex(window, n)))
  const symbol = hostSideOf(cx.kernel).symbol(pc)
  const isFault = signal.code > 0 && signal.code < 0x80
  return [
    `${signalName(signal.signal)}${isFault ? ` at address ${hex(signal.address)}` : ''} on CPU ${cpu.index}`,
    `pc  ${hex(pc)}${symbol === undefined ? '' : ` <${symbol}>`}: ${instructionText(cx, pc)}`,
    `npc ${hex(npc)}  ccr ${hex((tstate >> 32n) & 0xffn)}  asi ${hex((tstate >> 24n) & 0xffn)}  y ${hex(y)}`,
    ...registerLines('g', globals),
    ...registerLines('o', outs),
    ...registerLines('l', locals),
    ...registerLines('i', ins),
  ].join('\n')
}

function instructionText(cx: OperationContext, pc: bigint): string {
  const word = (pc & 3n) === 0n ? userWord(cx, pc) : undefined
  if (word === undefined) return 'no instruction there'
  return `${(word >>> 0).toString(16).padStart(8, '0')} ${disassemble(word, pc)}`
}

function registerLines(letter: string, values: readonly bigint[]): string[] {
  const text = values.map((value, n) => `${letter}${n} ${value.toString(16).padStart(16, '0')}`)
  return [text.slice(0, 4).join('  '), text.slice(4).join('  ')]
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}
