import { serveChunks } from '../chunk-pool'
import { replayRuns } from './runs'

serveChunks(async (chunk) => replayRuns(chunk))
