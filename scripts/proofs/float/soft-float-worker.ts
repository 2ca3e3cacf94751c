/** A process of the soft float proof: compares a chunk of operations with one of the oracles. */
import { type Chunk, type ChunkReport, serveChunks } from '../chunk-pool'
import { compareWithOracle } from './compare-with-oracle'

const PROGRAM = process.argv[2]!

/** Even chunks are the host's, odd ones MPFR's. */
serveChunks(
  ({ seed, number, count }: Chunk): Promise<ChunkReport> =>
    compareWithOracle(PROGRAM, number % 2 === 0 ? 'host' : 'mpfr', [seed, number, count].map(String)),
)
