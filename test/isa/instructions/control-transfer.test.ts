import { describe, expect, it } from 'vitest'
import { branchRows } from '../../../src/isa/instructions/branch'
import { windowRows } from '../../../src/isa/instructions/window'
import { OperandSemantics, Trapped } from '../operand-semantics'

/** Notes what is done, in order. */
class TransferSemantics extends OperandSemantics {
  inPrivilegedMode = true

  pc = () => 0x2000n
  privileged = () => this.inPrivilegedMode
  override setRd = (value: bigint) => this.events.push(`rd = ${value}`)
  setRegister = (number: number, value: bigint) => this.events.push(`r${number} = ${value}`)
  branchAlways = () => this.events.push('to the displacement')
  requireTarget = (target: bigint) => this.events.push(`may go to ${target}`)
  jump = (target: bigint) => this.events.push(`to ${target}`)
  requireRestorable = () => this.events.push('may restore')
  restoreWindow = () => this.events.push('restore')
  saveWindow = () => this.events.push('save')
  flushWindows = () => this.events.push('flush windows')
  saved = () => this.events.push('saved')
  restored = () => this.events.push('restored')
}

function eventsOf(name: string, operands: Partial<TransferSemantics> = {}): readonly string[] {
  const row = [...branchRows(), ...windowRows()].find((found) => found.name === name)!
  return Object.assign(new TransferSemantics(), { r1: 0x3000n, r2: 0x24n, ...operands }).run(row).events
}

describe('calls and returns', () => {
  it('call leaves its address in r15 (V9 A.8)', () => {
    expect(eventsOf('call')).toEqual([`r15 = ${0x2000}`, 'to the displacement'])
  })

  it('jmpl leaves its address in rd once the target is known to be one (V9 A.24)', () => {
    expect(eventsOf('jmpl')).toEqual([`may go to ${0x3024}`, `rd = ${0x2000}`, `to ${0x3024}`])
  })

  it('return restores a window once window and target are there, and takes the target from the old one (V9 A.45)', () => {
    expect(eventsOf('return')).toEqual(['may restore', `may go to ${0x3024}`, 'restore', `to ${0x3024}`])
  })
})

describe('windows (V9 A.21, A.46, A.47)', () => {
  it('save and restore add in the old window and write in the new one', () => {
    expect(eventsOf('save')).toEqual(['save', `rd = ${0x3024}`])
    expect(eventsOf('restore')).toEqual(['restore', `rd = ${0x3024}`])
  })

  it('flushw, saved and restored are handed over whole', () => {
    expect(['flushw', 'saved', 'restored'].map((name) => eventsOf(name))).toEqual([
      ['flush windows'],
      ['saved'],
      ['restored'],
    ])
  })
})

describe('illtrap and sir (V9 A.22, A.50)', () => {
  it('illtrap is an illegal instruction', () => {
    expect(() => eventsOf('illtrap')).toThrow(new Trapped('illegal_instruction'))
  })

  it('sir resets in privileged mode only', () => {
    expect(() => eventsOf('sir')).toThrow(new Trapped('software_initiated_reset'))
    expect(eventsOf('sir', { inPrivilegedMode: false })).toEqual([])
  })
})
