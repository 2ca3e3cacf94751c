import { ASI } from '../asi'
import { makeDecoder } from '../isa/decode'
import type { Instruction } from '../isa/instruction'
import { makeRows } from '../isa/instructions'
import { comesBefore } from '../isa/traps'
import type { Mmu, TranslateRequest } from '../mmu'
import { PAGE_BYTES, PAGE_HAS_CODE, PAGE_SHIFT } from '../state/physical-memory'
import { type DecodedInstruction, decodeOperands } from './decoded-instruction'
import type { CpuStop, Engine } from './engine'
import {
  ANNUL,
  ATTENTION_DEBUG,
  ATTENTION_INTERRUPT,
  ATTENTION_STOP,
  BRANCH,
  BRANCH_ANNUL,
  type EngineEnvironment,
  SEQUENTIAL,
  STAY,
  TRAP,
  WATCHED,
} from './reference-core'
import { ReferenceCpu } from './reference-cpu'
import { CPU_ERROR_STATE, CPU_RUNNING } from './registers'
import { wouldTrap } from './trial'

const PAGE_INSTRUCTIONS = PAGE_BYTES / 4

/** The decoded instructions of a physical page, filled as they are reached. */
class CodePage {
  readonly instructions = new Array<DecodedInstruction | undefined>(PAGE_INSTRUCTIONS).fill(undefined)
  constructor(readonly base: number) {}
}

const FETCH_CACHE_ENTRIES = 64
const PAGE_MASK = -PAGE_BYTES

/** What a CPU knows of pages that it fetches from: translations, dropped when the MMU's instruction generation moves. */
interface FetchEntry {
  readonly low: number
  readonly high: number
  readonly tag: number
  readonly generation: number
  readonly page: CodePage
}

const NO_PAGE = new CodePage(0)
const NO_GENERATION = -1

/** Executes the rows as they read: the oracle, and the slow path of every other engine. */
export class ReferenceEngine implements Engine {
  executed = 0
  readonly cpus: readonly ReferenceCpu[]
  /** Virtual addresses: a CPU stops before it executes one, and passes it when it is run again. */
  readonly breakpoints = new Set<bigint>()
  private readonly decode: (word: number) => Instruction | undefined
  private readonly code = new Map<number, CodePage>()
  private readonly fetchCaches: (FetchEntry | undefined)[][]
  /** The last fetch went through a TLB entry that an observer wants to see each use of. */
  private fetchObserved = false

  constructor(
    private readonly environment: EngineEnvironment,
    mmus: readonly Mmu[],
  ) {
    this.decode = makeDecoder(makeRows(environment.model.instructionSets))
    this.cpus = mmus.map((mmu, index) => new ReferenceCpu(environment, index, mmu))
    this.fetchCaches = mmus.map(() => new Array<FetchEntry | undefined>(FETCH_CACHE_ENTRIES).fill(undefined))
    environment.memory.onCodeStore = (pa, size) => this.forget(pa, size)
  }

  run(index: number, budget: number): CpuStop {
    const cpu = this.cpus[index]!
    this.executed = 0
    this.environment.memory.accessor = index
    const status = cpu.small('status')
    if (status !== CPU_RUNNING) return status === CPU_ERROR_STATE ? 'error-state' : 'halted'
    cpu.stopReason = 'budget'
    cpu.attention = ATTENTION_INTERRUPT | (this.breakpoints.size > 0 ? ATTENTION_DEBUG : 0)
    cpu.passing = cpu.stoppedAt === cpu.get('pc')
    while (true) {
      try {
        if (cpu.passing) {
          this.loop(cpu, index, Math.min(1, budget))
          if (this.executed === 0) return cpu.stopReason
          passed(cpu)
        }
        this.loop(cpu, index, budget)
        return cpu.stopReason
      } catch (thrown) {
        if (thrown === WATCHED) return stopBefore(cpu, 'watchpoint')
        if (thrown !== TRAP) throw thrown
        passed(cpu)
        cpu.enterTrap()
      }
    }
  }

  private loop(cpu: ReferenceCpu, index: number, budget: number): void {
    const { w32, mmu } = cpu
    const pc = cpu.pcIndex
    const npc = cpu.npcIndex
    let page = NO_PAGE
    let pageLow = 0
    let pageHigh = 0
    let generation = NO_GENERATION
    while (this.executed < budget) {
      if (cpu.attention !== 0) {
        generation = NO_GENERATION
        if (this.attend(cpu, index)) return
      }
      const low = w32[pc]
      const high = w32[pc + 1]
      if (((low ^ pageLow) & PAGE_MASK) !== 0 || high !== pageHigh || generation !== fetchGeneration(mmu)) {
        page = this.fetch(cpu, index, low, high)
        pageLow = low
        pageHigh = high
        generation = this.fetchObserved ? NO_GENERATION : fetchGeneration(mmu)
      }
      const at = (low >>> 2) & (PAGE_INSTRUCTIONS - 1)
      const insn = page.instructions[at] ?? this.decodeAt(page, at)
      cpu.insn = insn
      insn.execute(cpu)
      this.executed++
      if (cpu.transfer === SEQUENTIAL) {
        const nextLow = w32[npc]
        w32[pc] = nextLow
        w32[pc + 1] = w32[npc + 1]
        w32[npc] = (nextLow + 4) | 0
        if (nextLow === -4) w32[npc + 1] = cpu.addressMask ? 0 : (w32[npc + 1] + 1) | 0
      } else {
        if (cpu.stopReason === 'waiting') this.executed--
        this.transferControl(cpu, pc, npc)
      }
    }
  }

  private transferControl(cpu: ReferenceCpu, pc: number, npc: number): void {
    const { w32, transfer } = cpu
    cpu.transfer = SEQUENTIAL
    switch (transfer) {
      case BRANCH:
        w32[pc] = w32[npc]!
        w32[pc + 1] = w32[npc + 1]!
        w32[npc] = cpu.targetLow
        w32[npc + 1] = cpu.targetHigh
        return
      case ANNUL:
        this.advance(cpu, npc, pc, 4)
        this.advance(cpu, npc, npc, 8)
        return
      case BRANCH_ANNUL:
        w32[pc] = cpu.targetLow
        w32[pc + 1] = cpu.targetHigh
        this.advance(cpu, pc, npc, 4)
        return
      case STAY:
    }
  }

  /** to = from + bytes, as 64-bit words of the register file. */
  private advance(cpu: ReferenceCpu, from: number, to: number, bytes: number): void {
    const { w32 } = cpu
    const low = w32[from]!
    const high = w32[from + 1]!
    const sum = (low + bytes) | 0
    w32[to] = sum
    w32[to + 1] = cpu.addressMask ? 0 : (high + (sum >>> 0 < bytes ? 1 : 0)) | 0
  }

  /** Looks at stops, interrupts and breakpoints; true to leave the loop. */
  private attend(cpu: ReferenceCpu, index: number): boolean {
    if (cpu.attention & ATTENTION_STOP) return true
    if (cpu.attention & ATTENTION_INTERRUPT) {
      cpu.attention &= ~ATTENTION_INTERRUPT
      const tt = cpu.interruptToTake()
      if (tt !== 0) {
        if (this.trapsBefore(cpu, index, tt)) throw TRAP
        this.environment.hooks.interruptTaken?.(index, tt)
        cpu.trapType = tt
        if (this.environment.exploring) cpu.stopWith('visible')
        throw TRAP
      }
    }
    if (!cpu.passing && this.breakpoints.has(cpu.get('pc'))) {
      stopBefore(cpu, 'breakpoint')
      return true
    }
    return false
  }

  /** Whether the next instruction raises a trap that comes before a pending interrupt. May raise that of its fetch. */
  private trapsBefore(cpu: ReferenceCpu, index: number, interrupt: number): boolean {
    const low = cpu.w32[cpu.pcIndex]!
    const high = cpu.w32[cpu.pcIndex + 1]!
    const { trap, pa } = cpu.mmu.probe(instructionAt(cpu, low, cpu.addressMask ? 0 : high))
    if (trap !== undefined || !this.environment.memory.isRam(pa)) this.fetch(cpu, index, low, high)
    const page = this.codePage(pa)
    const at = (low >>> 2) & (PAGE_INSTRUCTIONS - 1)
    return wouldTrap(cpu, page.instructions[at] ?? this.decodeAt(page, at)) && comesBefore(cpu.trapType, interrupt)
  }

  private fetch(cpu: ReferenceCpu, index: number, low: number, upper: number): CodePage {
    if ((low & 3) !== 0) cpu.raise('mem_address_not_aligned')
    const high = cpu.addressMask ? 0 : upper
    const { mmu } = cpu
    this.fetchObserved = false
    const space = cpu.space()
    const tag = mmu.contextTag(space, cpu.supervisor)
    const generation = fetchGeneration(mmu)
    const cache = this.fetchCaches[index]!
    const pageLow = low & PAGE_MASK
    const at = (low >>> PAGE_SHIFT) % FETCH_CACHE_ENTRIES
    const known = cache[at]
    if (known?.low === pageLow && known.high === high && known.tag === tag && known.generation === generation)
      return known.page
    const hit = mmu.translateInstruction(instructionAt(cpu, low, high))
    if (!hit) cpu.raise(mmu.trap!)
    this.fetchObserved = mmu.isObserved('instruction', mmu.entry)
    if (!this.environment.memory.isRam(mmu.pa)) cpu.raise('instruction_access_error')
    const page = this.codePage(mmu.pa)
    if (!this.fetchObserved) cache[at] = { low: pageLow, high, tag, generation: fetchGeneration(mmu), page }
    return page
  }

  private codePage(pa: number): CodePage {
    const base = pa - (pa % PAGE_BYTES)
    let page = this.code.get(base)
    if (page === undefined) {
      page = new CodePage(base)
      this.code.set(base, page)
      this.environment.memory.setPageFlag(base, PAGE_HAS_CODE, true)
    }
    return page
  }

  private decodeAt(page: CodePage, at: number): DecodedInstruction {
    const word = Number(this.environment.memory.peek(page.base + at * 4, 4))
    const decoded = decodeOperands(word, this.decode(word))
    page.instructions[at] = decoded
    return decoded
  }

  private forget(pa: number, size: number): void {
    const first = (pa % PAGE_BYTES) >>> 2
    this.code.get(pa - (pa % PAGE_BYTES))?.instructions.fill(undefined, first, first + Math.max(1, size >>> 2))
  }

  /** Drops what is derived from registers: after a restore, which has told of all RAM that it changed. */
  restored(): void {
    for (const cpu of this.cpus) {
      cpu.modeChanged()
      passed(cpu)
    }
  }
}

/** Grows whenever what a CPU fetches from an address may have changed. */
function fetchGeneration(mmu: Mmu): number {
  return mmu.instructionGeneration + mmu.contextGeneration
}

/** The access that fetches an instruction. */
function instructionAt(cpu: ReferenceCpu, low: number, high: number): TranslateRequest {
  return {
    va: BigInt.asUintN(64, (BigInt(high) << 32n) | BigInt(low >>> 0)),
    context: cpu.space(),
    access: 'fetch',
    privileged: cpu.supervisor,
    asi: ASI.ASI_PRIMARY,
  }
}

/** The CPU stands before an instruction that it executes when it is run again. */
function stopBefore(cpu: ReferenceCpu, reason: 'breakpoint' | 'watchpoint'): CpuStop {
  cpu.stopReason = reason
  cpu.stoppedAt = cpu.get('pc')
  return reason
}

function passed(cpu: ReferenceCpu): void {
  cpu.passing = false
  cpu.stoppedAt = undefined
}
