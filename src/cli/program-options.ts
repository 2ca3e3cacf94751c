import { basename } from 'node:path'
import { Argument, type Command } from 'commander'
import type { ModelName } from '../isa/models'
import { FLUSH_POLICIES, type FlushPolicy } from '../kernel-shim'
import type { ProgramOptions } from '../linux-user'
import { hostFiles } from '../linux-user/file-system-node'
import { MEMORY_MODELS, type MemoryModel } from '../smp'
import { choice, integer, MOST_CPUS, modelOption, requireCpus, seed } from './arguments'
import { InputError, readInput } from './input'

/** What `run` and `tlb` have in common: the machine that a program runs on, and its files. */
export interface MachineOptions {
  cpus: number
  model: ModelName
  policy: FlushPolicy
  memoryModel: MemoryModel
  seed?: bigint
  quantum: number
  maxInstructions?: number
  files?: string
}

/** Adds the options of {@link MachineOptions}; options behind the program are its arguments. */
export function addMachineOptions(command: Command): Command {
  return command
    .passThroughOptions()
    .option('--cpus <n>', 'number of CPUs', integer(1, MOST_CPUS), 1)
    .addOption(modelOption())
    .addOption(choice('--policy <policy>', 'who is called by TLB flushes', FLUSH_POLICIES, 'cross-call'))
    .addOption(choice('--memory-model <model>', 'sequential consistency, or total store order', MEMORY_MODELS, 'sc'))
    .option('--seed <seed>', 'random schedule and entropy from this seed; without it CPUs take turns', seed)
    .option('--quantum <n>', "instructions of a CPU's turn", integer(1), 1000)
    .option('--max-instructions <n>', 'stop after so many instructions of all CPUs', integer(1))
    .option('--files <directory>', 'let the program read the files below a directory')
}

export function addProgramArguments(command: Command): Command {
  return command
    .addArgument(new Argument('<program>', 'an ELF file'))
    .addArgument(new Argument('[arg...]', "the program's arguments"))
}

/** @throws InputError if the model has fewer CPUs, or the directory of files cannot be read */
export function programOptions(
  path: string,
  elf: Uint8Array,
  args: readonly string[],
  options: MachineOptions,
): ProgramOptions {
  const { cpus, model, policy, memoryModel, quantum, files } = options
  requireCpus(model, cpus)
  return {
    elf,
    name: basename(path),
    args,
    cpus,
    model,
    policy,
    memoryModel,
    quantum,
    seed: options.seed,
    fileSystem: files === undefined ? undefined : directory(files),
    stdin: () => readInput('-'),
  }
}

function directory(path: string): ReturnType<typeof hostFiles> {
  try {
    return hostFiles(path)
  } catch {
    throw new InputError(`--files ${path}: not a directory that can be read`)
  }
}
