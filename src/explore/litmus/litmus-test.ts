/** A few threads of SPARC assembly that share variables, and what is looked at when all have ended. */
export interface LitmusTest {
  readonly name: string
  /** One line: what the weak outcome would mean. */
  readonly summary: string
  /** Assembly, one thread a CPU. A variable's name is its address, below 4096, so that `[x]` names it. All registers begin as zero. */
  readonly threads: readonly string[]
  /**
   * Shared variables with their first values: 64-bit, each in a 64-byte block of its own. A 32-bit access at the name is to the upper half.
   */
  readonly variables: Readonly<Record<string, bigint>>
  /** Registers as `1:%o0` (thread and register), and words of memory as `x` (32 bits) or `x:8` (64 bits). */
  readonly observed: readonly string[]
  /** The outcome that the test is about: what of it is given. */
  readonly weak: Readonly<Record<string, bigint>>
}

/** A litmus test that cannot be run. */
export class LitmusError extends Error {
  override readonly name = 'LitmusError'
}

const WORDS = { x: 0n, y: 0n }

/** `[x]` and the like; the common shape of the tests, with 32-bit variables x and y that begin as zero. */
function test(
  name: string,
  summary: string,
  threads: readonly string[],
  weak: Readonly<Record<string, bigint>>,
  variables: Readonly<Record<string, bigint>> = WORDS,
): LitmusTest {
  return { name, summary, threads, variables, observed: Object.keys(weak), weak }
}

const store = (variable: string, value: number) => `mov ${value}, %l${value}; stw %l${value}, [${variable}]`
const load = (variable: string, register: string) => `lduw [${variable}], ${register}`
const thread = (...lines: string[]) => lines.join('\n')

const STORE_LOAD = 'membar #StoreLoad'
const OTHER_ORDERS = 'membar #LoadLoad | #LoadStore | #StoreStore'

const storeBuffering = (between: string) => [
  thread(store('x', 1), between, load('y', '%o0')),
  thread(store('y', 1), between, load('x', '%o0')),
]
const SB_WEAK = { '0:%o0': 0n, '1:%o0': 0n }
const R_WEAK = { '1:%o0': 0n, y: 2n }
const XYZ = { x: 0n, y: 0n, z: 0n }

/**
 * The tests of the literature, by the names that it gives them (Owens, Sarkar, Sewell: A better x86 memory model, 2009; Alglave,
 * Maranget, Tautschnig: Herding cats, 2014).
 */
export const LITMUS_TESTS: readonly LitmusTest[] = [
  test(
    'SB',
    'each thread stores one variable and loads the other: both loads miss the stores',
    storeBuffering(''),
    SB_WEAK,
  ),
  test('SB+membars', 'SB with membar #StoreLoad between store and load', storeBuffering(STORE_LOAD), SB_WEAK),
  test('SB+syncs', 'SB with membar #Sync', storeBuffering('membar #Sync'), SB_WEAK),
  test('SB+memissues', 'SB with membar #MemIssue', storeBuffering('membar #MemIssue'), SB_WEAK),
  test('SB+others', 'SB with the three orders that TSO keeps anyway', storeBuffering(OTHER_ORDERS), SB_WEAK),
  test('SB+stbars', 'SB with stbar', storeBuffering('stbar'), SB_WEAK),
  test('SB+flushes', 'SB with flush, which waits for earlier stores', storeBuffering('flush %g0'), SB_WEAK),
  test(
    'SB+membar+po',
    'SB with a membar in one thread only',
    [storeBuffering(STORE_LOAD)[0]!, storeBuffering('')[1]!],
    SB_WEAK,
  ),
  test(
    'SB+swaps',
    'SB whose stores are swaps',
    [thread('mov 1, %l1; swap [x], %l1', load('y', '%o0')), thread('mov 1, %l1; swap [y], %l1', load('x', '%o0'))],
    SB_WEAK,
  ),
  test(
    'SB+cas',
    'SB with a cas of another word between',
    storeBuffering('set z, %g1; cas [%g1], %g0, %g0'),
    SB_WEAK,
    XYZ,
  ),
  test('SB+ldstubs', 'SB with a ldstub of another word between', storeBuffering('ldstub [z], %g0'), SB_WEAK, XYZ),
  test(
    'SB+rfi',
    'SB whose threads load what they stored before the other variable: the store buffer forwards it',
    [
      thread(store('x', 1), load('x', '%o1'), load('y', '%o0')),
      thread(store('y', 1), load('y', '%o1'), load('x', '%o0')),
    ],
    { '0:%o1': 1n, '0:%o0': 0n, '1:%o1': 1n, '1:%o0': 0n },
  ),
  test(
    'n6',
    'a thread sees its own store before another thread’s earlier one, which is the last in memory',
    [thread(store('x', 1), load('x', '%o0'), load('y', '%o1')), thread(store('y', 2), store('x', 2))],
    { '0:%o0': 1n, '0:%o1': 0n, x: 1n },
  ),
  test(
    'R',
    'a store is overtaken by a load of the thread whose other store is the last',
    [thread(store('x', 1), store('y', 1)), thread(store('y', 2), load('x', '%o0'))],
    R_WEAK,
  ),
  test(
    'R+membars',
    'R with membar #StoreLoad in both threads',
    [thread(store('x', 1), STORE_LOAD, store('y', 1)), thread(store('y', 2), STORE_LOAD, load('x', '%o0'))],
    R_WEAK,
  ),
  test(
    'R+po+membar',
    'R with membar #StoreLoad between the store and the load alone',
    [thread(store('x', 1), store('y', 1)), thread(store('y', 2), STORE_LOAD, load('x', '%o0'))],
    R_WEAK,
  ),
  test(
    'MP',
    'a flag is seen, and the message that was stored before it is not',
    [thread(store('x', 1), store('y', 1)), thread(load('y', '%o0'), load('x', '%o1'))],
    { '1:%o0': 1n, '1:%o1': 0n },
  ),
  test(
    'LB',
    'two loads each see the store that comes after the other',
    [thread(load('x', '%o0'), store('y', 1)), thread(load('y', '%o0'), store('x', 1))],
    { '0:%o0': 1n, '1:%o0': 1n },
  ),
  test(
    'S',
    'a store that comes after the load of a flag is overwritten by one from before the flag',
    [thread(store('x', 2), store('y', 1)), thread(load('y', '%o0'), store('x', 1))],
    { '1:%o0': 1n, x: 2n },
  ),
  test(
    '2+2W',
    'two threads store the same variables in opposite order, and each variable keeps the first store',
    [thread(store('x', 1), store('y', 2)), thread(store('y', 1), store('x', 2))],
    { x: 1n, y: 1n },
  ),
  test(
    'CoRR',
    'two loads of one variable see its stores backwards',
    [store('x', 1), thread(load('x', '%o0'), load('x', '%o1'))],
    {
      '1:%o0': 1n,
      '1:%o1': 0n,
    },
  ),
  test('CoWW', 'two stores of one thread to one variable are swapped', [thread(store('x', 1), store('x', 2))], {
    x: 1n,
  }),
  test('CoWR', 'a thread does not see its own store', [thread(store('x', 1), load('x', '%o0')), store('x', 2)], {
    '0:%o0': 0n,
  }),
  test('CoRW', 'a load sees the store that comes after it', [thread(load('x', '%o0'), store('x', 1))], { '0:%o0': 1n }),
  test(
    'CoRW2',
    'a load sees a store of another thread that overwrites the one that comes after the load',
    [thread(load('x', '%o0'), store('x', 1)), store('x', 2)],
    { '0:%o0': 2n, x: 2n },
  ),
  test(
    'n5',
    'two threads store one variable and each sees the other’s store',
    [thread(store('x', 1), load('x', '%o0')), thread(store('x', 2), load('x', '%o0'))],
    { '0:%o0': 2n, '1:%o0': 1n },
  ),
  test(
    'WRC',
    'a store that was seen and passed on is not seen by the third thread',
    [store('x', 1), thread(load('x', '%o0'), store('y', 1)), thread(load('y', '%o0'), load('x', '%o1'))],
    { '1:%o0': 1n, '2:%o0': 1n, '2:%o1': 0n },
  ),
  test(
    'ISA2',
    'a message passed on through two flags is not seen',
    [
      thread(store('x', 1), store('y', 1)),
      thread(load('y', '%o0'), store('z', 1)),
      thread(load('z', '%o0'), load('x', '%o1')),
    ],
    { '1:%o0': 1n, '2:%o0': 1n, '2:%o1': 0n },
    XYZ,
  ),
  test(
    'RWC',
    'a thread sees one store and not the other, whose thread does not see the first',
    [store('x', 1), thread(load('x', '%o0'), load('y', '%o1')), thread(store('y', 1), load('x', '%o0'))],
    { '1:%o0': 1n, '1:%o1': 0n, '2:%o0': 0n },
  ),
  test(
    'RWC+membar',
    'RWC with membar #StoreLoad between the store and the load',
    [store('x', 1), thread(load('x', '%o0'), load('y', '%o1')), thread(store('y', 1), STORE_LOAD, load('x', '%o0'))],
    { '1:%o0': 1n, '1:%o1': 0n, '2:%o0': 0n },
  ),
  test(
    '3.SB',
    'SB around three threads',
    [
      thread(store('x', 1), load('y', '%o0')),
      thread(store('y', 1), load('z', '%o0')),
      thread(store('z', 1), load('x', '%o0')),
    ],
    { '0:%o0': 0n, '1:%o0': 0n, '2:%o0': 0n },
    XYZ,
  ),
  test(
    '3.SB+membars',
    'SB around three threads, with membar #StoreLoad',
    [
      thread(store('x', 1), STORE_LOAD, load('y', '%o0')),
      thread(store('y', 1), STORE_LOAD, load('z', '%o0')),
      thread(store('z', 1), STORE_LOAD, load('x', '%o0')),
    ],
    { '0:%o0': 0n, '1:%o0': 0n, '2:%o0': 0n },
    XYZ,
  ),
  test(
    '4.SB',
    'SB around four threads',
    [
      thread(store('x', 1), load('y', '%o0')),
      thread(store('y', 1), load('z', '%o0')),
      thread(store('z', 1), load('w', '%o0')),
      thread(store('w', 1), load('x', '%o0')),
    ],
    { '0:%o0': 0n, '1:%o0': 0n, '2:%o0': 0n, '3:%o0': 0n },
    { ...XYZ, w: 0n },
  ),
  test(
    '4.SB+membars',
    'SB around four threads, with membar #StoreLoad',
    [
      thread(store('x', 1), STORE_LOAD, load('y', '%o0')),
      thread(store('y', 1), STORE_LOAD, load('z', '%o0')),
      thread(store('z', 1), STORE_LOAD, load('w', '%o0')),
      thread(store('w', 1), STORE_LOAD, load('x', '%o0')),
    ],
    { '0:%o0': 0n, '1:%o0': 0n, '2:%o0': 0n, '3:%o0': 0n },
    { ...XYZ, w: 0n },
  ),
  test(
    'IRIW',
    'two threads see the independent stores of two others in opposite order',
    [
      store('x', 1),
      store('y', 1),
      thread(load('x', '%o0'), load('y', '%o1')),
      thread(load('y', '%o0'), load('x', '%o1')),
    ],
    { '2:%o0': 1n, '2:%o1': 0n, '3:%o0': 1n, '3:%o1': 0n },
  ),
  {
    name: 'SB+sizes',
    summary: 'a load of 64 bits finds half in the store buffer and half in memory, before the other thread’s store',
    threads: [
      thread('mov 1, %l1; stw %l1, [x + 4]', 'ldx [x], %o0'),
      thread('mov 2, %l2; stw %l2, [x]', 'ldx [x], %o0'),
    ],
    variables: { x: 0n },
    observed: ['0:%o0', '1:%o0'],
    weak: { '0:%o0': 1n, '1:%o0': 0x2_0000_0000n },
  },
]

/** @throws LitmusError if no test has this name */
export function litmusNamed(name: string): LitmusTest {
  const found = LITMUS_TESTS.find((test) => test.name === name)
  if (found === undefined)
    throw new LitmusError(
      `no litmus test is named ${name}, expected one of ${LITMUS_TESTS.map((t) => t.name).join(', ')}`,
    )
  return found
}
