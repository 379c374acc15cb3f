// What the hashes of a study's runs say, in words.
import type { Fairness } from '../../../shared/api/contract'
import type { SharedPart } from '../../../shared/studies/answers'

export const sharedWords: Readonly<Record<SharedPart, string>> = {
  weights: 'Start weights',
  projection: 'Projection',
  batches: 'Batch order',
  dataset: 'Dataset'
}
export const sharedParts = Object.keys(sharedWords) as readonly SharedPart[]

export interface Verdict {
  readonly text: string
  readonly tone: 'good' | 'bad' | 'soft'
}

export function fairnessText({ groups, findings, verified }: Fairness): Verdict {
  const recorded = groups.reduce((sum, group) => sum + group.recorded, 0)
  if (findings.length > 0) return { tone: 'bad', text: `✕ Not fair: ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}.` }
  const differing = sharedParts.filter((part) => groups.some((group) => !group[part].same))
  if (differing.length > 0)
    return { tone: 'bad', text: `✕ Not fair: ${differing.map((part) => sharedWords[part].toLowerCase()).join(', ')} differ within a seed.` }
  if (recorded === 0) return { tone: 'soft', text: 'Nothing to compare yet: no run has recorded its hashes.' }
  const how = verified ? 'computed anew from checkpoints, specs and data' : 'as the runs recorded them'
  return {
    tone: 'good',
    text: `✓ Same start weights, projection, batch order and dataset within each seed, ${how} (${recorded} ${recorded === 1 ? 'run' : 'runs'}).`
  }
}
