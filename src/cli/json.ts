/** One JSON object on one line; a bigint is a decimal string. */
export function toJson(value: object): string {
  return JSON.stringify(value, (_key, field: unknown) => (typeof field === 'bigint' ? field.toString() : field))
}
