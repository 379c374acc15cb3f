// `--set path=value`: one change to a spec before it is checked.
import { shown } from './describe'
import { messageOf } from '../format/message-of'

type Json = unknown

/** Objects whose other keys belong to their kind: a new kind starts from its own defaults. */
const byKind = /^(optimizer|model\.(activation|outputActivation|init)|data\.transforms\.\d+)$/

function parseValue(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

/**
 * Returns a copy of the spec with one value changed: `setting` is `path=value`, the path dotted (places of lists by number), the value JSON or else
 * plain text. Missing objects on the way are made. Throws Error (one sentence) where the path leads through something that has no such place.
 */
export function setPath(spec: Json, setting: string): Json {
  const equals = setting.indexOf('=')
  if (equals <= 0) throw new Error(`--set ${setting}: must be path=value, such as optimizer.learningRate=0.1`)
  try {
    return setValue(spec, setting.slice(0, equals).trim(), parseValue(setting.slice(equals + 1)))
  } catch (error) {
    throw new Error(`--set ${setting}: ${messageOf(error)}`, { cause: error })
  }
}

/** The same for a path and a value by themselves. Throws Error (one sentence). */
export function setValue(spec: Json, path: string, value: Json): Json {
  const keys = path.split('.')
  if (keys.some((key) => key === '' || key === '__proto__')) throw new Error(`"${path}" is not a path such as budget.steps`)
  return replace(spec, keys, 0, value)
}

function replace(here: Json, keys: readonly string[], depth: number, value: Json): Json {
  if (depth === keys.length) return value
  const key = keys[depth]
  const path = keys.slice(0, depth).join('.')
  if (Array.isArray(here)) {
    const index = Number(key)
    if (!/^\d+$/.test(key) || index > here.length)
      throw new Error(`${path} is a list of ${here.length}, so "${key}" must be a number from 0 to ${here.length}`)
    const copy: Json[] = [...here]
    copy[index] = replace(here[index], keys, depth + 1, value)
    return copy
  }
  if (here !== undefined && here !== null && typeof here !== 'object') throw new Error(`${path} is ${shown(here)}, which has no "${key}"`)
  const owner = (here ?? {}) as Record<string, Json>
  const last = depth === keys.length - 1
  if (last && key === 'kind' && byKind.test(path) && owner.kind !== value) return { kind: value }
  return { ...owner, [key]: replace(Object.hasOwn(owner, key) ? owner[key] : undefined, keys, depth + 1, value) }
}

/** Several settings, in order. */
export function applySettings(spec: Json, settings: readonly string[]): Json {
  return settings.reduce<Json>((changed, setting) => setPath(changed, setting), spec)
}
