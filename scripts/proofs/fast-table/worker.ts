import { serveChunks } from '../chunk-pool'
import { compareFastTable } from './compare'

serveChunks(async (chunk) => compareFastTable(chunk))
