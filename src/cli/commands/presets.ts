// `presets [NAME]`: the built-in specs, listed or in full.
import { nearest } from '../../shared/spec/describe'
import { presets as all } from '../../shared/spec/presets'
import { print, printJson } from '../context'
import { UsageError, type CommonOptions } from '../ending'

export async function presets(name: string | undefined, options: CommonOptions): Promise<void> {
  if (name === undefined) {
    if (options.json) return printJson(all)
    for (const { name: preset, title, description, cost } of all) print(`${preset}\n    ${title}: ${description}\n    Cost: ${cost}`)
    return
  }
  const names = all.map((preset) => preset.name)
  const known = all.find((preset) => preset.name === name)
  if (!known) {
    const near = nearest(name, names)
    throw new UsageError(`there is no preset "${name}"; ${near ? `did you mean ${near}?` : `presets are ${names.join(', ')}`}`)
  }
  printJson(known.specs.length === 1 ? known.specs[0] : known.specs)
}
