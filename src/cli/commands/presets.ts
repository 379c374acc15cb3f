// `presets [NAME]`: the built-in specs, listed or in full.
import { nearest } from '../../shared/spec/describe'
import { allPresets, presetInfo, presetNames } from '../../shared/spec/preset-list'
import { print, printJson } from '../context'
import { UsageError, type CommonOptions } from '../ending'

export async function presets(name: string | undefined, options: CommonOptions): Promise<void> {
  if (name === undefined) {
    const all = await allPresets()
    if (options.json) return printJson(all)
    return print(all.map((preset) => `${preset.name}\n    ${preset.title}: ${preset.description}\n    Cost: ${preset.cost}`).join('\n'))
  }
  const info = await presetInfo(name)
  if (!info) {
    const near = nearest(name, presetNames)
    throw new UsageError(`there is no preset "${name}"; ${near ? `did you mean ${near}?` : `presets are ${presetNames.join(', ')}`}`)
  }
  return printJson(info.specs.length === 1 ? info.specs[0] : info.specs)
}
