import { readFileSync, writeFileSync } from 'node:fs'
import { LitmusError, ScenarioError, TokenError } from '../explore'
import { AssemblyError } from '../isa'
import { KernelError } from '../kernel-shim'
import { ProgramError } from '../linux-user'
import { ElfError } from '../loader'
import { MachineError } from '../smp'
import { ArenaError } from '../state/arena'
import { U64Error } from '../u64'

/** Something that the user gave and that cannot be used: one line that says what, where and what was expected. */
export class InputError extends Error {
  override readonly name = 'InputError'
}

const INPUT_ERRORS = [
  InputError,
  AssemblyError,
  ElfError,
  ProgramError,
  LitmusError,
  ScenarioError,
  TokenError,
  KernelError,
  MachineError,
  ArenaError,
  U64Error,
]

/** Whether an error is about what the user gave, rather than about this program. */
export function isInputError(error: unknown): error is Error {
  return INPUT_ERRORS.some((type) => error instanceof type)
}

const SYSTEM_MESSAGES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  EACCES: 'permission denied',
  EROFS: 'read-only file system',
  ENOSPC: 'no space left',
  ENAMETOOLONG: 'name too long',
  ERR_FS_FILE_TOO_LARGE: 'too large',
  ERR_INVALID_ARG_VALUE: 'not a file name',
}

const STDIN = 0

/** A file's bytes; `-` is standard input. @throws InputError */
export function readInput(path: string): Uint8Array {
  try {
    return readFileSync(path === '-' ? STDIN : path)
  } catch (error) {
    throw fileError('cannot read', path, error)
  }
}

/** @throws InputError */
export function writeOutput(path: string, contents: Uint8Array | string): void {
  try {
    writeFileSync(path, contents)
  } catch (error) {
    throw fileError('cannot write', path, error)
  }
}

function fileError(what: string, path: string, error: unknown): InputError {
  const { code, message } = error as NodeJS.ErrnoException
  return new InputError(`${what} ${path}: ${SYSTEM_MESSAGES[code ?? ''] ?? message}`)
}

/** Runs `read`, putting the file's name before the message of what is wrong in it. */
export function inFile<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof ElfError) throw new InputError(`${path}: ${error.message}`)
    throw error
  }
}
