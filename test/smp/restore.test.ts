import { describe, expect, it } from 'vitest'
import { Machine, SeededRandom } from '../../src/smp'
import { bareMachine, setVector } from '../engine/bare-machine'

/** Maps pages, changes contexts, turns the D-MMU off and on, arms timers and rewrites an instruction of its own, again and again. */
const CHANGES_EVERYTHING = `
  wrpr %g0, 0x16, %pstate
  set 0x1000000, %l0
  set 0x300000, %l1
  mov 1, %l3
  sllx %l3, 63, %l3
  or %l3, 0x36, %l3
loop:
  and %l2, 3, %o0
  sllx %o0, 13, %o0
  add %l0, %o0, %o0
  umul %l2, 3, %o1
  and %o1, 7, %o1
  sllx %o1, 13, %o1
  add %l1, %o1, %o1
  and %l2, 1, %o2
  mov 8, %o3
  stxa %o2, [%o3] 0x58
  stxa %g0, [%o0] 0x5f
  or %o0, %o2, %o4
  mov 0x30, %o5
  stxa %o4, [%o5] 0x58
  or %l3, %o1, %o4
  stxa %o4, [%g0] 0x5c
  membar #Sync
  ldx [%o0], %o4
  add %o4, %l2, %o4
  stx %o4, [%o0]
  mov 7, %o4
  stxa %o4, [%g0] 0x45
  membar #Sync
  ldx [%l1], %o5
  mov 0xf, %o4
  stxa %o4, [%g0] 0x45
  membar #Sync
  add %o5, %l4, %l4
  rd %tick, %o4
  add %o4, 23, %o4
  wr %o4, 0, %tick_cmpr
patched:
  add %l5, 1, %l5
  set patched, %o3
  ld [%o3], %o4
  xor %o4, 2, %o4
  st %o4, [%o3]
  flush %o3
  ba loop
  inc %l2`
const STEPS = 37
const MOMENTS = 24

function machineOf() {
  const { machine } = bareMachine(CHANGES_EVERYTHING, { cpus: 2, scheduler: new SeededRandom(8, 50) })
  setVector(machine, 0x4e, 'inc %g5\nwr %g0, 1, %clear_softint\nretry')
  return machine
}

/** Snapshots of a run, and the hash of each. */
function moments(machine: Machine) {
  return Array.from({ length: MOMENTS }, () => {
    const moment = { snapshot: machine.snapshot(), hash: machine.replayHash() }
    machine.run(STEPS)
    return moment
  })
}

describe('a restored machine goes on as it did: from every moment of a program that changes all that is kept beside registers', () => {
  it('whatever it did in between', () => {
    const machine = machineOf()
    const run = moments(machine)
    expect(machine.cpus[0]!.get('globals', 8 + 5)).toBeGreaterThan(5n)
    for (let n = 0; n < MOMENTS - 1; n++) {
      const at = (n * 7) % (MOMENTS - 1)
      machine.restore(run[at]!.snapshot)
      expect(machine.replayHash()).toBe(run[at]!.hash)
      machine.run(STEPS)
      expect(machine.replayHash()).toBe(run[at + 1]!.hash)
    }
  })

  it('and so does another machine of its configuration', () => {
    const run = moments(machineOf())
    const other = new Machine({ cpus: 2, ramBytes: 4 << 20, scheduler: new SeededRandom(1, 50) })
    for (const at of [3, 20, 11]) {
      other.restore(run[at]!.snapshot)
      expect(other.replayHash()).toBe(run[at]!.hash)
      other.run(STEPS)
      expect(other.replayHash()).toBe(run[at + 1]!.hash)
    }
  })

  it('with what waits beside the arena: the companion, and whether CPUs wait', () => {
    let companion = 5
    const machine = new Machine({
      ramBytes: 1 << 20,
      companion: { save: () => companion, restore: (state) => (companion = state as number) },
    })
    const snapshot = machine.snapshot()
    const hash = machine.replayHash()
    companion = 6
    expect(machine.replayHash()).not.toBe(hash)
    machine.restore(snapshot)
    expect([companion, machine.replayHash()]).toEqual([5, hash])
  })

  it('is refused a snapshot of another number of CPUs, amount of RAM, TLBs or store buffers', () => {
    const config = { cpus: 2, ramBytes: 1 << 20 } as const
    const { snapshot } = { snapshot: new Machine(config).snapshot() }
    expect(() => new Machine(config).restore(snapshot)).not.toThrow()
    for (const other of [
      { cpus: 3 },
      { ramBytes: 2 << 20 },
      { ramBytes: (1 << 20) - 8192 },
      { model: 'cheetah' },
      { memoryModel: 'tso' },
      { memoryModel: 'tso', storeBufferEntries: 1 },
    ] as const)
      expect(() => new Machine({ ...config, ...other }).restore(snapshot)).toThrow(
        'snapshot: expected one of a machine with the same CPUs, RAM and memory model',
      )
  })
})
