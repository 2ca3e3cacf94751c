import { copyFromUser, copyToUser, loadUser, shim, storeUser } from '../kernel-shim'
import { PAGE_BYTES } from './constants'

type Fault = 'EFAULT'

/** Bytes that one operation copies at most. */
const CHUNK = PAGE_BYTES

function chunkAt(va: bigint, length: number): number {
  const room = Number(CHUNK - (va % CHUNK))
  return Math.min(room, length)
}

/** User memory of any length; 'EFAULT' if a byte of it cannot be read. */
export const read_user = shim('read_user', function* (va: bigint, length: number) {
  const bytes: number[] = []
  while (bytes.length < length) {
    const at = va + BigInt(bytes.length)
    const chunk = yield* copyFromUser(at, chunkAt(at, length - bytes.length))
    if (chunk === 'EFAULT') return 'EFAULT' as Fault
    for (const byte of chunk) bytes.push(byte)
  }
  return bytes
})

/** Writes bytes to user memory; 'EFAULT' if one of them cannot be written. */
export const write_user = shim('write_user', function* (va: bigint, bytes: readonly number[]) {
  for (let done = 0; done < bytes.length; ) {
    const at = va + BigInt(done)
    const length = chunkAt(at, bytes.length - done)
    if ((yield* copyToUser(at, bytes.slice(done, done + length))) === 'EFAULT') return 'EFAULT' as Fault
    done += length
  }
  return undefined
})

/** A string that a zero ends, without it; 'ENAMETOOLONG' if none is found in `limit` bytes. */
export const read_user_string = shim('read_user_string', function* (va: bigint, limit: number) {
  const bytes: number[] = []
  while (bytes.length < limit) {
    const at = va + BigInt(bytes.length)
    const chunk = yield* copyFromUser(at, chunkAt(at, Math.min(256, limit - bytes.length)))
    if (chunk === 'EFAULT') return 'EFAULT' as Fault
    const end = chunk.indexOf(0)
    for (const byte of end < 0 ? chunk : chunk.slice(0, end)) bytes.push(byte)
    if (end >= 0) return { text: new TextDecoder().decode(Uint8Array.from(bytes)) }
  }
  return 'ENAMETOOLONG' as const
})

export { loadUser, storeUser }
