import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { env } from 'node:process'
import { UsageError } from './arguments'

/** The absolute path of a program in PATH, or undefined. */
export function findProgram(name: string): string | undefined {
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find(isExecutable)
}

/** What to do about a program that is missing. */
export function missingProgram(name: string, debianPackage: string): string {
  return `${name} was not found in PATH: install the Debian package ${debianPackage}`
}

/** @throws UsageError unless a program is in PATH; the message names the Debian package that brings it */
export function requireProgram(name: string, debianPackage: string): void {
  if (findProgram(name) === undefined) throw new UsageError(missingProgram(name, debianPackage))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
