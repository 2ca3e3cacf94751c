import { InvalidArgumentError, Option } from 'commander'
import { MODELS, type ModelName } from '../isa/models'
import { InputError } from './input'

/** A parser of a decimal integer in a range. */
export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
    throw new InvalidArgumentError(`Expected an integer ${range}.`)
  }
}

/** A parser of an unsigned 64-bit number, decimal or with 0x. */
export function unsigned64(text: string): bigint {
  if (/^(\d+|0x[\da-f]+)$/i.test(text) && BigInt(text) >> 64n === 0n) return BigInt(text)
  throw new InvalidArgumentError('Expected a number of 64 bits, decimal or with 0x.')
}

/** A parser of a seed: any integer of 64 bits. */
export function seed(text: string): bigint {
  if (/^-?\d+$/.test(text) && BigInt.asIntN(65, BigInt(text)) === BigInt(text)) return BigInt(text)
  throw new InvalidArgumentError('Expected an integer of 64 bits.')
}

/** A parser of a list with commas; a value that comes twice counts once. */
export function list<T>(item: (text: string) => T): (text: string) => T[] {
  return (text) => [...new Set(text.split(',').map((part) => item(part.trim())))]
}

/** A parser of one of some names. */
export function name<T extends string>(names: readonly T[]): (text: string) => T {
  return (text) => {
    if ((names as readonly string[]).includes(text)) return text as T
    throw new InvalidArgumentError(`Allowed choices are ${names.join(', ')}.`)
  }
}

/** An option that takes one of some names. */
export function choice<T extends string>(flags: string, description: string, names: readonly T[], preset?: T): Option {
  const option = new Option(flags, description).choices(names)
  return preset === undefined ? option : option.default(preset)
}

export const jsonOption = () => new Option('--json', 'print one JSON object and nothing else')

const MODEL_NAMES = Object.keys(MODELS) as ModelName[]
/** The most CPUs that any model has. */
export const MOST_CPUS = Math.max(...Object.values(MODELS).map(({ maxCpus }) => maxCpus))

export const modelOption = () => choice('--model <model>', 'CPUs of the machine', MODEL_NAMES, 'ultrasparc-ii')

/** @throws InputError if a model has fewer CPUs */
export function requireCpus(model: ModelName, cpus: number): void {
  const { maxCpus } = MODELS[model]
  if (cpus > maxCpus) throw new InputError(`--cpus ${cpus}: a machine of ${model} has at most ${maxCpus}`)
}
