import { HWCAP, PAGE_BYTES, STACK_BIAS, WINDOW_SAVE_BYTES } from './constants'

/** Types of the auxiliary vector (Linux include/uapi/linux/auxvec.h). */
const AT = {
  NULL: 0,
  PHDR: 3,
  PHENT: 4,
  PHNUM: 5,
  PAGESZ: 6,
  BASE: 7,
  FLAGS: 8,
  ENTRY: 9,
  UID: 11,
  EUID: 12,
  GID: 13,
  EGID: 14,
  PLATFORM: 15,
  HWCAP: 16,
  CLKTCK: 17,
  SECURE: 23,
  RANDOM: 25,
  HWCAP2: 26,
  EXECFN: 31,
} as const

const RANDOM_BYTES = 16

export interface StartInput {
  readonly args: readonly string[]
  readonly environment: readonly string[]
  readonly entry: bigint
  readonly programHeaders: { readonly va: bigint; readonly count: number; readonly entryBytes: number }
  /** 16 bytes of entropy. */
  readonly random: Uint8Array
  /** First address above the stack. */
  readonly top: bigint
}

export interface StartStack {
  /** Contents of [address, top). */
  readonly bytes: Uint8Array
  readonly address: bigint
  /** What %sp starts with: biased; argc is 128 bytes above its unbiased value. */
  readonly stackPointer: bigint
}

/**
 * The stack of a program that has just been started: window save area, argc, argv, envp, auxiliary vector, strings
 * (SPARC Compliance Definition 2.4, chapter 3; Linux fs/binfmt_elf.c create_elf_tables).
 */
export function buildInitialStack(input: StartInput): StartStack {
  const strings = new Strings(input.top - 8n)
  const executable = strings.add(input.args[0] ?? '')
  const environment = input.environment.map((text) => strings.add(text))
  const args = input.args.map((text) => strings.add(text))
  const platform = strings.add('sparc64')
  const random = strings.addBytes(input.random.slice(0, RANDOM_BYTES))
  const auxiliary: [number, bigint][] = [
    [AT.HWCAP, HWCAP],
    [AT.PAGESZ, PAGE_BYTES],
    [AT.CLKTCK, 100n],
    [AT.PHDR, input.programHeaders.va],
    [AT.PHENT, BigInt(input.programHeaders.entryBytes)],
    [AT.PHNUM, BigInt(input.programHeaders.count)],
    [AT.BASE, 0n],
    [AT.FLAGS, 0n],
    [AT.ENTRY, input.entry],
    [AT.UID, 1000n],
    [AT.EUID, 1000n],
    [AT.GID, 1000n],
    [AT.EGID, 1000n],
    [AT.SECURE, 0n],
    [AT.RANDOM, random],
    [AT.HWCAP2, 0n],
    [AT.EXECFN, executable],
    [AT.PLATFORM, platform],
    [AT.NULL, 0n],
  ]
  const words = [
    BigInt(args.length),
    ...args,
    0n,
    ...environment,
    0n,
    ...auxiliary.flatMap(([type, value]) => [BigInt(type), value]),
  ]
  const size = WINDOW_SAVE_BYTES + BigInt(words.length * 8)
  const address = (strings.lowest - size) & ~15n
  const bytes = new Uint8Array(Number(input.top - address))
  const view = new DataView(bytes.buffer)
  words.forEach((word, i) => {
    view.setBigUint64(Number(WINDOW_SAVE_BYTES) + i * 8, word)
  })
  for (const { at, contents } of strings.placed) bytes.set(contents, Number(at - address))
  return { bytes, address, stackPointer: address - STACK_BIAS }
}

/** Byte strings placed downwards from an address. */
class Strings {
  readonly placed: { at: bigint; contents: Uint8Array }[] = []

  constructor(public lowest: bigint) {}

  add(text: string): bigint {
    return this.addBytes(new TextEncoder().encode(`${text}\0`))
  }

  addBytes(contents: Uint8Array): bigint {
    this.lowest -= BigInt(contents.length)
    this.placed.push({ at: this.lowest, contents })
    return this.lowest
  }
}
