#!/usr/bin/env node
import { argv, env, exit, stderr, stdout } from 'node:process'
import { runCommandLine } from './command-line'
import { Terminal } from './terminal'

for (const stream of [stdout, stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    const EXIT_BROKEN_PIPE = 141
    exit(error.code === 'EPIPE' ? EXIT_BROKEN_PIPE : 1)
  })

const terminal = new Terminal(stdout, stderr, () => performance.now(), env.NO_COLOR === undefined)
void runCommandLine(argv.slice(2), terminal).then((code) => {
  process.exitCode = code
})
