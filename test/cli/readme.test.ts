import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runCli } from './run-cli'

const README = readFileSync('README.md', 'utf8')
const DIRECTORY = 'test/cli/readme/'

/** The code below `<!-- NAME -->`, and the output in the block behind it. */
function example(name: string): { code: string; output: string | undefined } {
  const [, code, output] =
    new RegExp(`<!-- ${DIRECTORY}${name} -->\n+\`\`\`ts\n([^]*?)\`\`\`\n(?:\n*\`\`\`text\n([^]*?)\`\`\`)?`).exec(
      README,
    ) ?? []
  if (code === undefined) throw new Error(`README.md has no example ${name}`)
  return { code, output }
}

describe.each(readdirSync(DIRECTORY))('%s', (name) => {
  const source = readFileSync(DIRECTORY + name, 'utf8')
  const { code, output } = example(name)

  test('is what README.md shows', () => {
    expect(source.replaceAll("'../../../src", "'sparc64-smp")).toBe(code)
  })

  if (output === undefined) return
  test('prints what README.md says', () => {
    const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', DIRECTORY + name], { encoding: 'utf8' })
    expect({ stdout, stderr }).toEqual({ stdout: output, stderr: '' })
  })
})

test('every command has its options and no others in README.md', async () => {
  for (const command of ['run', 'tlb', 'race', 'litmus', 'replay', 'bench flush', 'disassemble', 'assemble']) {
    const { stdout } = await runCli([...command.split(' '), '--help'])
    const real = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)]
      .map((match) => match[1]!)
      .filter((o) => o !== '--help')
    const row = README.split('\n').find((line) => line.startsWith(`| \`${command}`))
    const told = [...(row ?? '').matchAll(/`(?:-\w, )?(--[\w-]+)/g)].map((match) => match[1]!)
    expect([command, ...told.sort()]).toEqual([command, ...real.sort()])
  }
})
