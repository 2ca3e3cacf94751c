import { note } from '../kernel-shim'
import { type CallResult, fail } from './call-result'
import { FileError } from './file-system'
import { processOf } from './process'

export const PATH_MAX = 4096

/** The result of a host action, or the error number of the FileError that it threw. */
export function attempt(action: () => CallResult): CallResult {
  try {
    return action()
  } catch (error) {
    if (error instanceof FileError) return fail(error.errno)
    throw error
  }
}

/** A copy of an open descriptor, or null. */
export const descriptor_of = (fd: number) =>
  note('descriptor', ({ kernel }) => {
    const descriptor = processOf(kernel).descriptors[fd]
    return descriptor === undefined ? null : { ...descriptor }
  })

/** The guest's working directory is the root. */
export function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}
