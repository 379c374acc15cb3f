// The list of analyses of all runs, narrowed. Pure.
import type { AnalysisEntry } from '../../../shared/api/contract'
import { optionsText, titleOf } from './facts'

/** Every word of the text is in the run's name or id, the analysis' name, its kind's title or its options. */
export function matchingAnalyses(
  all: readonly AnalysisEntry[],
  { text, kind }: { readonly text: string; readonly kind: string },
  nameOf: (one: AnalysisEntry) => string
): AnalysisEntry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return all.filter((one) => {
    if (kind !== '' && one.manifest.kind !== kind) return false
    const said = `${nameOf(one)} ${one.run} ${one.name} ${titleOf(one.manifest.kind)} ${optionsText(one.manifest.options)}`.toLowerCase()
    return words.every((word) => said.includes(word))
  })
}
