import { serveChunks } from '../chunk-pool'
import { otherProcess } from './other-process'
import { replayRuns } from './runs'

const { elsewhere } = otherProcess()

serveChunks((chunk) => replayRuns(chunk, elsewhere))
