import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { env } from 'node:process'

/**
 * Looks an outside tool up in PATH.
 *
 * @param name file name of the executable, such as `sparc64-linux-gnu-objdump`
 * @param debianPackage the package that brings it, named in the error
 * @returns its absolute path, or undefined when it is not installed
 * @throws Error when it is not installed and SPARC64_SMP_REQUIRE_TOOLS is 1
 */
export function requireTool(name: string, debianPackage: string): string | undefined {
  const path = (env.PATH ?? '')
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find(isExecutable)
  if (path === undefined && env.SPARC64_SMP_REQUIRE_TOOLS === '1') {
    throw new Error(`${name} was not found in PATH: install the Debian package ${debianPackage}`)
  }
  return path
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
