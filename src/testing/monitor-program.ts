import { type Assembled, assemble } from '../isa/index'

/** Where the monitor stands, physically and on the instruction side virtually: one 64K page. */
export const MONITOR_BASE = 0xff_0000n
export const MONITOR_RAM_BYTES = 16 << 20
/** Physical addresses below this hold the pattern that tells accesses where they went. */
export const WINDOW_BYTES = 8 << 20

const MAILBOX = MONITOR_BASE + 0xc000n
export const COMMAND_BYTES = 128
export const MOST_COMMANDS = 127

/** The software traps that end a fetched instruction pair of the window and the monitor's own routines. */
export const FETCHED_TRAP = 0x170
export const DONE_TRAP = 0x171

/** Byte offsets in a command. */
export const COMMAND = {
  /** Address of what to execute; 0 behind the last command. */
  routine: 0x00,
  asi: 0x08,
  va: 0x10,
  value: 0x18,
  /** LSU or DCU control during the access. */
  control: 0x20,
  pstate: 0x28,
  level: 0x30,
  operand: 0x38,
} as const
export const RESULT = {
  trapType: 0x40,
  value: 0x48,
  dataSfsr: 0x50,
  dataSfar: 0x58,
  dataTagAccess: 0x60,
  instructionSfsr: 0x68,
  instructionTagAccess: 0x70,
  fetched: 0x78,
} as const

/** `sethi PA >> 3, %o5` */
const PATTERN_HIGH = 0x1b00_0000n
/** `ta 0x70` */
const PATTERN_LOW = 0x91d0_2070n

/** What stands at a doubleword of the window until something is stored there: code that leaves its address in %o5. */
export function patternAt(pa: bigint): bigint {
  return ((PATTERN_HIGH | (pa >> 3n)) << 32n) | PATTERN_LOW
}

/** All of the window as it is at first. */
export function windowPattern(): Uint8Array {
  const bytes = new Uint8Array(WINDOW_BYTES)
  const view = new DataView(bytes.buffer)
  for (let pa = 0; pa < WINDOW_BYTES; pa += 8) {
    view.setUint32(pa, Number(PATTERN_HIGH) + pa / 8)
    view.setUint32(pa + 4, Number(PATTERN_LOW))
  }
  return bytes
}

/** The address that a doubleword of the window was loaded from. */
export function addressOfPattern(doubleword: bigint): bigint | undefined {
  const pa = ((doubleword >> 32n) & 0x3f_ffffn) << 3n
  return patternAt(pa) === doubleword ? pa : undefined
}

/** What %o5 holds after a fetch from a doubleword of the window. */
export function addressOfFetched(register: bigint): bigint {
  return (register >> 10n) << 3n
}

/** Routines of accesses, by what and how many bytes. */
const ACCESSES = {
  load1: 'lduba [%o0] %asi, %o1',
  load2: 'lduha [%o0] %asi, %o1',
  load4: 'lduwa [%o0] %asi, %o1',
  load8: 'ldxa [%o0] %asi, %o1',
  store1: 'stba %o1, [%o0] %asi',
  store2: 'stha %o1, [%o0] %asi',
  store4: 'stwa %o1, [%o0] %asi',
  store8: 'stxa %o1, [%o0] %asi',
  atomic1: 'ldstuba [%o0] %asi, %o1',
  atomic4: 'swapa [%o0] %asi, %o1',
  atomic8: 'mov %o1, %o3; mov %o2, %o1; casxa [%o0] %asi, %o3, %o1',
  quad16: 'ldda [%o0] %asi, %o2; mov %o2, %o1',
  flush8: 'flush %o0',
  fetch8: 'jmpl %o0, %o7; nop',
} as const
export type MonitorRoutine = keyof typeof ACCESSES

/**
 * A trap table and a loop that performs the commands of the mailbox one by one, each from `done` at the trap level and
 * with the PSTATE it asks for, and notes the first trap with the fault registers as it left them.
 */
const SOURCE = `
        .rept 1024
        ba,pt   %xcc, trapped
        rdpr    %tt, %l1
        .skip   24
        .endr

begin:  wrpr    %g0, 0, %tl
        wrpr    %g0, 0x14, %pstate
        setx    base, %l2, %l1
        wrpr    %l1, %tba
        setx    mailbox, %l2, %l0
next:   wr      %g0, 0x14, %asi
        ldxa    [%l0 + 0x00] %asi, %l1
        brz,pn  %l1, finished
        ldxa    [%l0 + 0x08] %asi, %l2
        ldxa    [%l0 + 0x10] %asi, %o0
        ldxa    [%l0 + 0x18] %asi, %o1
        ldxa    [%l0 + 0x38] %asi, %o2
        ldxa    [%l0 + 0x20] %asi, %l5
        ldxa    [%l0 + 0x28] %asi, %l3
        ldxa    [%l0 + 0x30] %asi, %l4
        clr     %o5
        add     %l4, 1, %l4
        wrpr    %l4, %tl
        wrpr    %l1, %tnpc
        sllx    %l2, 24, %l2
        sllx    %l3, 8, %l3
        or      %l2, %l3, %l2
        rdpr    %cwp, %l3
        or      %l2, %l3, %l2
        wrpr    %l2, %tstate
        stxa    %l5, [%g0] 0x45
        membar  #Sync
        done

trapped:
        wr      %g0, 0x14, %asi
        stxa    %l1, [%l0 + 0x40] %asi
        stxa    %o1, [%l0 + 0x48] %asi
        mov     0x18, %l2
        mov     0x20, %l3
        mov     0x30, %l4
        ldxa    [%l2] 0x58, %l5
        stxa    %l5, [%l0 + 0x50] %asi
        ldxa    [%l3] 0x58, %l5
        stxa    %l5, [%l0 + 0x58] %asi
        ldxa    [%l4] 0x58, %l5
        stxa    %l5, [%l0 + 0x60] %asi
        ldxa    [%l2] 0x50, %l5
        stxa    %l5, [%l0 + 0x68] %asi
        ldxa    [%l4] 0x50, %l5
        stxa    %l5, [%l0 + 0x70] %asi
        stxa    %o5, [%l0 + 0x78] %asi
        stxa    %g0, [%g0] 0x45
        membar  #Sync
        wrpr    %g0, 0, %tl
        wrpr    %g0, 0x14, %pstate
        ba,pt   %xcc, next
        add     %l0, commandBytes, %l0

! Writes the pattern to all of the window.
fill:   wrpr    %g0, 0, %tl
        wrpr    %g0, 0x14, %pstate
        stxa    %g0, [%g0] 0x45
        membar  #Sync
        setx    windowBytes, %l2, %l1
        setx    pattern, %l2, %l3
1:      subcc   %l1, 8, %l1
        srlx    %l1, 3, %l2
        sllx    %l2, 32, %l2
        or      %l2, %l3, %l2
        bne,pt  %xcc, 1b
        stxa    %l2, [%l1] 0x14
        ba,a    finished

! Looks at one doubleword of each 8K of the window, from the address in the mailbox on, for what is not the pattern.
! Puts the pattern there; the address, or all ones, into the mailbox.
scan:   wrpr    %g0, 0, %tl
        wrpr    %g0, 0x14, %pstate
        stxa    %g0, [%g0] 0x45
        membar  #Sync
        setx    mailbox, %l2, %l0
        ldxa    [%l0] 0x14, %l1
        setx    windowBytes, %l2, %l4
        setx    pattern, %l2, %l3
        setx    0x2000, %l2, %l6
1:      srlx    %l1, 3, %l2
        sllx    %l2, 32, %l2
        or      %l2, %l3, %l2
        ldxa    [%l1] 0x14, %l5
        cmp     %l5, %l2
        bne,pn  %xcc, 2f
        nop
        add     %l1, %l6, %l1
        cmp     %l1, %l4
        blu,pt  %xcc, 1b
        nop
        mov     -1, %l1
        ba,a    3f
2:      stxa    %l2, [%l1] 0x14
3:      stxa    %l1, [%l0] 0x14
        ba,a    finished

finished:
        nop
        ba,a    finished

${Object.entries(ACCESSES)
  .map(([name, code]) => `${name}: ${code}; membar #Sync; ta 0x71`)
  .join('\n')}
`

export interface MonitorProgram {
  readonly image: Assembled
  readonly mailbox: bigint
  /** Address of a label. */
  at(label: MonitorRoutine | 'begin' | 'fill' | 'scan' | 'finished'): bigint
}

let program: MonitorProgram | undefined

/** The monitor, assembled for {@link MONITOR_BASE}. */
export function monitorProgram(): MonitorProgram {
  program ??= assembleMonitor()
  return program
}

function assembleMonitor(): MonitorProgram {
  const image = assemble(SOURCE, {
    origin: MONITOR_BASE,
    file: 'monitor',
    symbols: {
      base: MONITOR_BASE,
      mailbox: MAILBOX,
      commandBytes: BigInt(COMMAND_BYTES),
      windowBytes: BigInt(WINDOW_BYTES),
      pattern: (PATTERN_HIGH << 32n) | PATTERN_LOW,
    },
  })
  return { image, mailbox: MAILBOX, at: (label) => image.symbols.get(label)! }
}
