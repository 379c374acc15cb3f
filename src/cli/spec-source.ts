// Where `run` and `hessian` get their spec: a JSON file or a preset, changed by --set, checked.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, isAbsolute, resolve } from 'node:path'
import { checkSpec } from '../shared/spec/check'
import { nearest } from '../shared/spec/describe'
import { presetNames } from '../shared/spec/preset-list'
import { problemLine } from '../shared/spec/problem'
import { presets } from '../shared/spec/presets'
import { isFunctionSpec, type RunSpec } from '../shared/spec/schema'
import { applySettings } from '../shared/spec/settings'
import { decodeText } from '../store'
import { userFolder, userPath } from './context'
import { UsageError } from './ending'
import { messageOf } from '../shared/format/message-of'

interface Source {
  readonly specs: readonly unknown[]
  /** Folder of the spec's file; null for a preset. */
  readonly folder: string | null
  /** Name of the group that a preset's several runs are compared in. */
  readonly group: string | null
}

/** The JSON of a file that the user names. Throws UsageError (one sentence). */
export function readJsonFile(path: string): unknown {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${messageOf(error)}`)
  }
  const decoded = decodeText(bytes)
  if ('fault' in decoded) throw new UsageError(`${path}: ${decoded.fault}`)
  try {
    return JSON.parse(decoded.text)
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${messageOf(error)}`)
  }
}

function readSource(argument: string): Source {
  const names = presetNames
  const preset = presets.find(({ name }) => name === argument)
  if (preset) return { specs: preset.specs, folder: null, group: preset.group }
  const path = userPath(argument)
  if (!existsSync(path)) {
    if (extname(argument) === '.json' || /[\\/]/.test(argument)) throw new UsageError(`there is no spec file ${path}`)
    const near = nearest(argument, names)
    throw new UsageError(
      `"${argument}" is neither a preset nor a spec file${near ? `; did you mean ${near}?` : `; presets are ${names.join(', ')}`}`
    )
  }
  return { specs: [readJsonFile(path)], folder: dirname(path), group: null }
}

/** Relative paths in a spec mean the spec file's own folder, or where there is no such file the user's. */
export function withAbsolutePaths(spec: RunSpec, folder: string | null): RunSpec {
  if (isFunctionSpec(spec)) return spec
  const absolute = (path: string) => {
    if (isAbsolute(path)) return path
    const beside = folder === null ? null : resolve(folder, path)
    return beside !== null && existsSync(beside) ? beside : resolve(userFolder(), path)
  }
  const { dataset, transforms } = spec.data
  const { init } = spec.model
  return {
    ...spec,
    data: {
      ...spec.data,
      dataset: typeof dataset === 'string' ? dataset : { path: absolute(dataset.path) },
      transforms: transforms.map((transform) =>
        transform.kind === 'random-projection' && transform.matrix !== null
          ? { ...transform, matrix: absolute(transform.matrix) }
          : transform
      )
    },
    model: { ...spec.model, init: init.kind === 'npz' ? { ...init, path: absolute(init.path) } : init }
  }
}

/** The specs that an argument of `run` means, complete and checked. Throws UsageError with every fault. */
export async function specsOf(argument: string, settings: readonly string[]): Promise<{ specs: RunSpec[]; group: string | null }> {
  const source = readSource(argument)
  const specs: RunSpec[] = []
  for (const raw of source.specs) {
    let changed: unknown
    try {
      changed = applySettings(raw, settings)
    } catch (error) {
      throw new UsageError(messageOf(error))
    }
    const { spec, problems } = await checkSpec(changed)
    if (!spec) {
      const [first, ...more] = problems.map(problemLine)
      throw new UsageError(first, more)
    }
    specs.push(withAbsolutePaths(spec, source.folder))
  }
  return { specs, group: source.group }
}
