import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { UsageError } from './arguments'

/** @throws UsageError unless a program is in PATH; the message names the Debian package that brings it */
export function requireProgram(name: string, debianPackage: string): void {
  const found = (process.env.PATH ?? '').split(delimiter).some((directory) => isExecutable(join(directory, name)))
  if (!found) throw new UsageError(`${name} was not found in PATH: install the Debian package ${debianPackage}`)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
