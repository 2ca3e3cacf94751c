import { UsageError } from '../arguments'

export const WORD_OPTIONS = { words: undefined as string | undefined, address: '0' }

/**
 * The words that an option lists in hexadecimal, and the address of the first.
 *
 * @returns undefined without such an option
 * @throws UsageError for anything that is no number
 */
export function namedWords(
  list: string | undefined,
  address: string,
): { readonly words: Uint32Array; readonly address: bigint } | undefined {
  if (list === undefined) return undefined
  const words = list.split(',').map((text) => {
    if (!/^(?:0x)?[0-9a-f]{1,8}$/i.test(text))
      throw new UsageError(`--words takes 32-bit words in hexadecimal, not '${text}'`)
    return Number.parseInt(text, 16)
  })
  if (!/^(?:0x[0-9a-f]{1,16}|\d+)$/i.test(address)) throw new UsageError(`--address must be a number, not '${address}'`)
  return { words: Uint32Array.from(words), address: BigInt(address) }
}
