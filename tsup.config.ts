import { defineConfig } from 'tsup'

/** Sources of the subpaths, by name of what is built; those of `*-node.ts` files are for Node alone. */
export const library: Readonly<Record<string, string>> = {
  index: 'src/index.ts',
  'isa/index': 'src/isa/index.ts',
  'mmu/index': 'src/mmu/index.ts',
  'kernel-shim/index': 'src/kernel-shim/index.ts',
  'explore/index': 'src/explore/index.ts',
  'testing/index': 'src/testing/index.ts',
  'testing/vitest': 'src/testing/vitest.ts',
  'testing/qemu': 'src/testing/qemu-driver-node.ts',
}

export default defineConfig({
  entry: { ...library, 'cli/main': 'src/cli/main.ts' },
  dts: { entry: { ...library } },
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/, 'vitest'],
  splitting: true,
  clean: true,
})
