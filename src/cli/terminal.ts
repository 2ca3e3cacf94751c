import picocolors from 'picocolors'

/** A stream that the command writes to. */
export interface Output {
  write(text: string | Uint8Array): unknown
  readonly isTTY?: boolean
}

export type Colors = ReturnType<typeof picocolors.createColors>

const REWRITE_INTERVAL_MS = 100
const LINE_INTERVAL_MS = 5000

/** Where a command writes: results to `stdout`, everything else to `stderr`. */
export class Terminal {
  readonly colors: Colors
  private progressShown = 0
  private lastProgress: number

  constructor(
    readonly stdout: Output,
    readonly stderr: Output,
    /** Milliseconds from any start. */
    readonly now: () => number,
    wantsColor: boolean,
  ) {
    this.colors = picocolors.createColors(wantsColor && stdout.isTTY === true)
    this.lastProgress = now()
  }

  print(text = ''): void {
    this.endProgress()
    this.stdout.write(`${text}\n`)
  }

  /** One line on stderr. */
  complain(text: string): void {
    this.endProgress()
    this.stderr.write(`sparc64-smp: ${text.replace(/\s*\n\s*/g, ' ').trim()}\n`)
  }

  /** Shows how far long work is: on a terminal one line that is rewritten, else a line every few seconds. */
  progress(text: string): void {
    const rewrites = this.stderr.isTTY === true
    const now = this.now()
    if (now - this.lastProgress < (rewrites ? REWRITE_INTERVAL_MS : LINE_INTERVAL_MS)) return
    this.lastProgress = now
    if (!rewrites) {
      this.stderr.write(`${text}\n`)
      return
    }
    const shown = text.slice(0, 79)
    this.stderr.write(`\r${shown.padEnd(this.progressShown)}`)
    this.progressShown = shown.length
  }

  endProgress(): void {
    if (this.progressShown === 0) return
    this.stderr.write(`\r${' '.repeat(this.progressShown)}\r`)
    this.progressShown = 0
  }
}
