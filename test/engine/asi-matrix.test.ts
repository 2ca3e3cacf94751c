import { describe, expect, it } from 'vitest'
import type { ReferenceCpu } from '../../src/engine/reference-cpu'
import { assemble } from '../../src/isa'
import { MODELS, type ModelName } from '../../src/isa/models'
import { decodeSfsr } from '../../src/mmu'
import type { Machine } from '../../src/smp'
import { ALLOWED, type Allowed, contextOf } from './asi-table'
import { bareMachine, PROGRAM } from './bare-machine'

const DATA = 0x30_0000n
const PSTATE_PRIV = 4n
const IMMEDIATE_ASI_SHIFT = 5
const USE_IMMEDIATE = 1 << 13

type Access = 'load' | 'store' | 'atomic'

/** With the ASI that the word is completed by; address in %o0, mask and compare value 0. */
const INSTRUCTIONS: Readonly<Record<string, readonly [string, Access]>> = {
  ldxa: ['ldxa [%o0] 0, %o2', 'load'],
  lduba: ['lduba [%o0] 0, %o2', 'load'],
  ldsha: ['ldsha [%o0] 0, %o2', 'load'],
  lduwa: ['lduwa [%o0] 0, %o2', 'load'],
  ldda: ['ldda [%o0] 0, %o2', 'load'],
  ldfa: ['lda [%o0] 0, %f0', 'load'],
  lddfa: ['ldda [%o0] 0, %f0', 'load'],
  stxa: ['stxa %g0, [%o0] 0', 'store'],
  stba: ['stba %g0, [%o0] 0', 'store'],
  stha: ['stha %g0, [%o0] 0', 'store'],
  stwa: ['stwa %g0, [%o0] 0', 'store'],
  stda: ['stda %g0, [%o0] 0', 'store'],
  stfa: ['sta %f0, [%o0] 0', 'store'],
  stdfa: ['stda %f0, [%o0] 0', 'store'],
  casa: ['casa [%o0] 0, %g0, %o2', 'atomic'],
  casxa: ['casxa [%o0] 0, %g0, %o2', 'atomic'],
  ldstuba: ['ldstuba [%o0] 0, %o2', 'atomic'],
  swapa: ['swapa [%o0] 0, %o2', 'atomic'],
}

interface Outcome {
  readonly trap: string
  readonly faultType?: number
  readonly context?: string
  readonly asi?: number
  readonly privileged?: boolean
  readonly write?: boolean
}

const DONE: Outcome = { trap: 'none' }
const MODEL_NAMES = (Object.keys(ALLOWED) as (keyof typeof ALLOWED)[]).filter((name) => name in MODELS)

function permits(name: string, access: Access, allowed: Allowed): boolean {
  switch (allowed) {
    case 'all':
      return true
    case 'loads':
      return access === 'load'
    case 'not cacheable':
      return access !== 'atomic'
    case 'quad':
      return name === 'ldda'
    case 'double':
      return name === 'lddfa' || name === 'stdfa'
    case 'double store':
      return name === 'stdfa'
    case 'read':
      return name === 'ldxa' || name === 'lddfa'
    case 'write':
      return name === 'stxa' || name === 'stdfa'
    case 'read write':
      return ['ldxa', 'lddfa', 'stxa', 'stdfa'].includes(name)
    case 'I-cache':
      return ['ldda', 'stxa', 'stdfa'].includes(name)
  }
}

/** UltraSPARC-I 6.4.4, 6.4.6, table 6-11; SPARC64 V JPS1 supplement table F-9 for atomics to registers of UltraSPARC III. */
function expected(model: keyof typeof ALLOWED, name: string, asi: number, privileged: boolean): Outcome {
  const allowed = ALLOWED[model].get(asi)
  const context = contextOf(asi, allowed)
  if (asi < 0x80 && !privileged) return { trap: 'privileged_action', faultType: 0, context }
  const access = INSTRUCTIONS[name]![1]
  if (allowed !== undefined && permits(name, access, allowed)) return DONE
  const internal = allowed !== undefined && ['read', 'write', 'read write', 'I-cache'].includes(allowed)
  const ultraSparc3 = !model.startsWith('ultrasparc')
  const uncacheable = allowed === 'not cacheable' || (internal && ultraSparc3 && access === 'atomic')
  return { trap: 'data_access_exception', faultType: uncacheable ? 4 : 8, context }
}

/** A doubleword that every register of an ASI has: the interrupt data registers begin at 0x40. */
function addressFor(asi: number, allowed: Allowed | undefined): bigint {
  if (asi === 0x77 || asi === 0x7f) return 0x40n
  const internal = allowed === 'read' || allowed === 'write' || allowed === 'read write' || allowed === 'I-cache'
  return internal ? 0n : DATA
}

class Bench {
  private readonly machine: Machine
  private readonly cpu: ReferenceCpu
  private readonly ready: ReturnType<Machine['snapshot']>
  private trap: string | undefined

  constructor(model: ModelName, privileged: boolean) {
    this.machine = bareMachine('nop', { model }).machine
    this.cpu = this.machine.cpus[0]!
    const pstate = this.cpu.get('pstate')
    this.cpu.set('pstate', privileged ? pstate | PSTATE_PRIV : pstate & ~PSTATE_PRIV)
    this.cpu.modeChanged()
    this.ready = this.machine.snapshot()
    this.machine.events.on('trap', ({ name }) => {
      this.trap ??= name
    })
  }

  run(word: number, address: bigint, asiRegister: number): Outcome {
    const { machine, cpu } = this
    machine.restore(this.ready)
    machine.poke(Number(PROGRAM), 4, BigInt(word >>> 0))
    cpu.setR(8, address)
    cpu.set('asi', BigInt(asiRegister))
    this.trap = undefined
    machine.step(0)
    if (this.trap === undefined) return DONE
    const { asi, faultType, context, privileged, write, valid } = decodeSfsr(cpu.mmu.loadAsi(0x58, 0x18n))
    const detail = { trap: this.trap, faultType, context }
    return valid ? { ...detail, asi, privileged, write } : detail
  }
}

describe.each(MODEL_NAMES)('every ASI of %s', (model) => {
  describe.each([
    ['privileged', true],
    ['user', false],
  ] as const)('%s', (_, privileged) => {
    const bench = new Bench(model as ModelName, privileged)
    it.each(Object.keys(INSTRUCTIONS))('%s traps as the tables say, and SFSR tells why', (name) => {
      const [source, access] = INSTRUCTIONS[name]!
      const { bytes } = assemble(source, { origin: 0n })
      const word = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
      const differences: string[] = []
      for (let asi = 0; asi < 256; asi++) {
        const allowed = ALLOWED[model].get(asi)
        const address = addressFor(asi, allowed)
        const outcome = expected(model, name, asi, privileged)
        const full = outcome === DONE ? DONE : { ...outcome, asi, privileged, write: access !== 'load' }
        for (const [form, completed, register] of [
          ['imm_asi', word | (asi << IMMEDIATE_ASI_SHIFT), 0xff],
          ['%asi', word | USE_IMMEDIATE, asi],
        ] as const) {
          // Partial stores have no immediate form (UltraSPARC-I chapter 13)
          const partial = name === 'stdfa' && form === '%asi' && asi >= 0xc0 && asi < 0xd0 && allowed === 'double store'
          const got = bench.run(completed, address, register)
          const ok = partial
            ? got.trap === 'illegal_instruction'
            : JSON.stringify(sorted(got)) === JSON.stringify(sorted(full))
          if (!ok)
            differences.push(`0x${asi.toString(16)} ${form}: ${JSON.stringify(got)}, not ${JSON.stringify(full)}`)
        }
      }
      expect(differences).toEqual([])
    })

    it('prefetcha never traps (UltraSPARC-I 5.3.5.1)', () => {
      const { bytes } = assemble('prefetcha [%o0] 0, 1', { origin: 0n })
      const word = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
      for (let asi = 0; asi < 256; asi++) expect(bench.run(word | (asi << IMMEDIATE_ASI_SHIFT), DATA, 0)).toEqual(DONE)
    })
  })
})

function sorted(outcome: object): [string, unknown][] {
  return Object.entries(outcome).sort(([a], [b]) => (a < b ? -1 : 1))
}
