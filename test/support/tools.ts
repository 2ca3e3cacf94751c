import { env } from 'node:process'
import { findProgram, missingProgram } from '../../scripts/proofs/require-program'

/**
 * Looks an outside tool up in PATH.
 *
 * @param name file name of the executable, such as `sparc64-linux-gnu-objdump`
 * @param debianPackage the package that brings it, named in the error
 * @returns its absolute path, or undefined when it is not installed
 * @throws Error when it is not installed and SPARC64_SMP_REQUIRE_TOOLS is 1
 */
export function requireTool(name: string, debianPackage: string): string | undefined {
  const path = findProgram(name)
  if (path === undefined && env.SPARC64_SMP_REQUIRE_TOOLS === '1') throw new Error(missingProgram(name, debianPackage))
  return path
}
