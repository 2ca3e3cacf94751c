import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    maxWorkers: '100%',
    include: ['test/**/*.test.ts'],
    exclude: ['test/programs/**', 'node_modules/**', 'dist/**'],
    testTimeout: 30_000,
  },
})
