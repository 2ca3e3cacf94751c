import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { requireTool } from './tools'

describe('requireTool', () => {
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tools-'))
    vi.stubEnv('PATH', ['/nonexistent', '', directory].join(delimiter))
    vi.stubEnv('SPARC64_SMP_REQUIRE_TOOLS', '')
  })

  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(directory, { recursive: true })
  })

  it('gives the path of an executable, and passes over a file that is not one', () => {
    const path = join(directory, 'tool')
    writeFileSync(path, '#!/bin/sh\n')
    chmodSync(path, 0o644)
    expect(requireTool('tool', 'tool-package')).toBeUndefined()
    chmodSync(path, 0o755)
    expect(requireTool('tool', 'tool-package')).toBe(path)
  })

  it('gives undefined for a missing tool, and throws with its Debian package when tools are required', () => {
    expect(requireTool('no-such-tool', 'no-such-package')).toBeUndefined()
    vi.stubEnv('SPARC64_SMP_REQUIRE_TOOLS', '1')
    expect(() => requireTool('no-such-tool', 'no-such-package')).toThrow(/no-such-tool .* no-such-package/)
  })
})
