/**
 * Whether an integer condition holds (V9 A.6).
 *
 * @param condition the field of four bits
 * @param codes N, Z, V and C from bit 3 down
 */
export function conditionHolds(condition: number, codes: number): boolean {
  const [n, z, v, c] = [8, 4, 2, 1].map((bit) => (codes & bit) !== 0) as [boolean, boolean, boolean, boolean]
  const holds = [false, z, z || n !== v, n !== v, c || z, c, n, v][condition & 7]!
  return (condition & 8) === 0 ? holds : !holds
}
