/** A process of the assembly proof: assembles the texts of a chunk of words. */
import { type Chunk, type ChunkReport, serveChunks } from '../chunk-pool'
import { addressOfChunk } from './chunk-address'
import { compareWithGas } from './compare-with-gas'
import { writtenWords } from './written-words'

/** The assembler tries the forms of an instruction one after another: nobody reads where the tries were made. */
Error.stackTraceLimit = 0

serveChunks(({ seed, number, count }: Chunk): Promise<ChunkReport> => {
  const address = addressOfChunk(number)
  return compareWithGas(writtenWords(seed, number, count, address), address)
})
