import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { findMutants, type Mutant, mutate } from './operators'

/** Said of declarations that nobody uses: a mutant that has only these is one that runs. */
const UNUSED = new Set([6133, 6138, 6192, 6196, 6198, 6199])

/** Our sources as the TypeScript compiler sees them, with or without a change. */
export class MutationSources {
  private readonly service: ts.LanguageService
  private readonly texts = new Map<string, string>()
  private changed: { readonly path: string; readonly text: string } | undefined
  private version = 0

  /** @param root directory of the package. */
  constructor(private readonly root: string) {
    const config = ts.readConfigFile(join(root, 'tsconfig.library.json'), ts.sys.readFile)
    const { fileNames, options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
    const read = (path: string): string | undefined =>
      this.changed?.path === path ? this.changed.text : ts.sys.readFile(path)
    this.service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getCurrentDirectory: () => root,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      getScriptFileNames: () => fileNames,
      getScriptVersion: (path) => (this.changed?.path === path ? String(this.version) : '0'),
      getScriptSnapshot: (path) => {
        const text = read(path)
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
      },
      fileExists: ts.sys.fileExists,
      readFile: read,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    })
  }

  /** Sources below some directories or of some names, such as `src/mmu`, but for `index.ts`; relative to the package. */
  filesUnder(places: readonly string[]): string[] {
    const files = this.program()
      .getRootFileNames()
      .map((path) => relative(this.root, path))
    return files
      .filter((file) => !file.endsWith('/index.ts'))
      .filter((file) => places.some((place) => file === place || file.startsWith(`${place}/`)))
      .sort()
  }

  mutants(file: string, seed: number): Mutant[] {
    const program = this.program()
    return findMutants(program.getSourceFile(join(this.root, file))!, file, program.getTypeChecker(), seed)
  }

  text(file: string): string {
    let text = this.texts.get(file)
    if (text === undefined) this.texts.set(file, (text = readFileSync(join(this.root, file), 'utf8')))
    return text
  }

  mutated(mutant: Mutant): string {
    return mutate(this.text(mutant.file), mutant)
  }

  /** Whether the changed file has no error that the compiler finds in it. */
  compiles(mutant: Mutant): boolean {
    const path = join(this.root, mutant.file)
    this.version++
    this.changed = { path, text: this.mutated(mutant) }
    const errors = [...this.service.getSyntacticDiagnostics(path), ...this.service.getSemanticDiagnostics(path)]
    this.changed = undefined
    return errors.every(({ code }) => UNUSED.has(code))
  }

  private program(): ts.Program {
    return this.service.getProgram()!
  }
}
