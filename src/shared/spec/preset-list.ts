// The presets with their specs complete, as clients and `presets NAME` get them.
import { checkSpec } from './check'
import { presets, type Preset } from './presets'
import { problemLine } from './problem'
import type { RunSpec } from './schema'

export interface PresetInfo extends Omit<Preset, 'specs'> {
  readonly specs: readonly RunSpec[]
}

async function complete(name: string, input: unknown): Promise<RunSpec> {
  const { spec, problems } = await checkSpec(input)
  if (!spec) throw new Error(`preset ${name}: ${problems.map(problemLine).join('; ')}`)
  return spec
}

export const presetNames: readonly string[] = presets.map(({ name }) => name)

/** One preset by name; null when there is none. */
export async function presetInfo(name: string): Promise<PresetInfo | null> {
  const preset = presets.find((one) => one.name === name)
  if (!preset) return null
  const { specs, ...rest } = preset
  return { ...rest, specs: await Promise.all(specs.map((spec) => complete(name, spec))) }
}

export async function allPresets(): Promise<PresetInfo[]> {
  const infos = await Promise.all(presetNames.map(presetInfo))
  return infos.filter((info) => info !== null)
}
