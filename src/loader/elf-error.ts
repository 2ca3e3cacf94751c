/** An ELF file that cannot be loaded: what is wrong, at which byte of the file, and what was expected. */
export class ElfError extends Error {
  override readonly name = 'ElfError'

  constructor(
    readonly what: string,
    /** Byte offset in the file. */
    readonly where: number,
    readonly expected: string,
  ) {
    super(`${what} at byte ${where}, expected ${expected}`)
  }
}
