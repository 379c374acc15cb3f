// How a symbol of a library may be spelled, and finding it under one of its spellings: the one place that knows prefixes, suffixes and underscores.
import type koffi from 'koffi'

/** OpenBLAS as built for SciPy carries this prefix, so that it can live in one process with another BLAS. */
const prefixes = ['scipy_', ''] as const

/** A Fortran routine with 32-bit integers: Accelerate's newer LAPACK first, whose plain names are an older one. */
export const fortranSpellings = (name: string): readonly string[] =>
  prefixes.flatMap((prefix) => [...(prefix === '' ? [`${name}$NEWLAPACK`] : []), `${prefix}${name}_`, `${prefix}${name}`])

/** The same routine in builds whose integers have 64 bits, which must never be called: their arguments are twice as wide. */
export const wideSpellings = (name: string): readonly string[] =>
  prefixes.flatMap((prefix) => ['_64_', '64_', '_64'].map((suffix) => `${prefix}${name}${suffix}`))

/** A C function of OpenBLAS itself, e.g. openblas_get_config. */
export const ownSpellings = (name: string): readonly string[] => prefixes.map((prefix) => `${prefix}${name}`)

/** Its twin for Fortran, which takes arguments by reference. */
export const ownFortranSpellings = (name: string): readonly string[] => ownSpellings(name).map((spelling) => `${spelling}_`)

export type Foreign = ReturnType<ReturnType<typeof koffi.load>['func']>

/** The first of several spellings that a library has, as a function of that prototype; null when it has none. */
export type Find = (spellings: readonly string[], result: string, types: readonly string[]) => Foreign | null

/** Looks a spelling up in each of the loaded files before the next spelling. */
export function finder(handles: readonly Pick<ReturnType<typeof koffi.load>, 'func'>[]): Find {
  return (spellings, result, types) => {
    for (const spelling of spellings)
      for (const handle of handles)
        try {
          return handle.func(spelling, result, [...types])
        } catch {
          // Not under this spelling, or not in this file.
        }
    return null
  }
}
