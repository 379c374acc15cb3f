// Where a system's LAPACK may be: names for the dynamic loader, in the order in which they are tried.

/** `files` are loaded together; a routine is looked up in each. */
export interface Candidate {
  readonly name: string
  readonly files: readonly string[]
}

const one = (...names: string[]): Candidate[] => names.map((name) => ({ name, files: [name] }))

/** The libraries tried on a platform. SADDLESCOPE_LAPACK (a path or a name) replaces the whole list. */
export function candidates(platform: NodeJS.Platform = process.platform, named = process.env.SADDLESCOPE_LAPACK): readonly Candidate[] {
  if (named) return one(named)
  if (platform === 'darwin')
    return [
      { name: 'Accelerate', files: ['/System/Library/Frameworks/Accelerate.framework/Accelerate'] },
      ...one('/opt/homebrew/opt/openblas/lib/libopenblas.dylib', '/usr/local/opt/openblas/lib/libopenblas.dylib')
    ]
  if (platform === 'win32') return one('libopenblas.dll', 'openblas.dll', 'mkl_rt.2.dll', 'mkl_rt.1.dll')
  return [
    ...one('libopenblas.so.0', 'libopenblas.so', 'libmkl_rt.so.2', 'libmkl_rt.so.1', 'libmkl_rt.so'),
    { name: 'liblapack.so.3 with libblas.so.3', files: ['liblapack.so.3', 'libblas.so.3'] }
  ]
}
