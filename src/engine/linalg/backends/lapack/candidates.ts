// Which LAPACK libraries are tried, in order: the one the user named; the one that came with Saddlescope (on macOS behind Accelerate); the system's.
import type { Bundled } from './bundled'

/** Who put a library there. */
export type LibrarySource = 'named' | 'bundled' | 'system'

/** `files` are loaded together; a routine is looked up in each. */
export interface Candidate {
  readonly name: string
  readonly files: readonly string[]
  readonly source: LibrarySource
}

export interface CandidateChoice {
  readonly platform: NodeJS.Platform
  /** A path or a name for the dynamic loader, which replaces the whole list. */
  readonly named: string | undefined
  readonly bundled: Bundled | null
}

const system = (...names: string[]): Candidate[] => names.map((name) => ({ name, files: [name], source: 'system' }))

const accelerate: Candidate = {
  name: 'Accelerate',
  files: ['/System/Library/Frameworks/Accelerate.framework/Accelerate'],
  source: 'system'
}

function systemCandidates(platform: NodeJS.Platform): readonly Candidate[] {
  if (platform === 'darwin')
    return system('/opt/homebrew/opt/openblas/lib/libopenblas.dylib', '/usr/local/opt/openblas/lib/libopenblas.dylib')
  if (platform === 'win32') return system('libopenblas.dll', 'openblas.dll', 'mkl_rt.2.dll', 'mkl_rt.1.dll')
  return [
    ...system('libopenblas.so.0', 'libopenblas.so', 'libmkl_rt.so.2', 'libmkl_rt.so.1', 'libmkl_rt.so'),
    { name: 'liblapack.so.3 with libblas.so.3', files: ['liblapack.so.3', 'libblas.so.3'], source: 'system' }
  ]
}

export function candidates({ platform, named, bundled }: CandidateChoice): readonly Candidate[] {
  if (named) return [{ name: named, files: [named], source: 'named' }]
  return [
    ...(platform === 'darwin' ? [accelerate] : []),
    // Not by its path: a run's record of its backend must not change when the application moves.
    ...(bundled ? [{ name: 'bundled', files: [bundled.path], source: 'bundled' as const }] : []),
    ...systemCandidates(platform)
  ]
}
