/** A process of the disassembly proof: compares the texts of a chunk of words with objdump's. */
import { type Chunk, type ChunkReport, serveChunks } from '../chunk-pool'
import { addressOfChunk } from './chunk-address'
import { compareWithObjdump } from './compare-with-objdump'
import { stratifiedWords } from './stratified-words'

serveChunks(
  ({ seed, number, count }: Chunk): Promise<ChunkReport> =>
    compareWithObjdump(stratifiedWords(seed, number, count), addressOfChunk(number)),
)
