// The Fortran routines of BLAS and LAPACK that this backend calls: their argument lists, and how a list of JavaScript values becomes one of pointers.

/**
 * One letter an argument: `c` a character, `i` an integer, `d` a number (each by reference), `D` an array of doubles, `I` an array of
 * 32-bit integers, `!` the INFO result. Fortran compilers append the length of every character argument; callees that do not expect them ignore them.
 * Names and order as in LAPACK's documentation (netlib.org/lapack); matrices are column-major, so a row-major matrix arrives transposed.
 */
export const signatures = {
  dgemm: 'cciiidDiDidDi',
  dsyrk: 'cciidDidDi',
  dsyr2k: 'cciidDiDidDi',
  dsymm: 'cciidDiDidDi',
  dlacpy: 'ciiDiDi',
  dsymv: 'cidDiDidDi',
  dtrsm: 'cccciidDiDi',
  dtrmm: 'cccciidDiDi',
  dtrsv: 'ccciDiDi',
  dtrmv: 'ccciDiDi',
  dpotrf: 'ciDi!',
  dlatrd: 'ciiDiDDDi',
  dsytrd: 'ciDiDDDDi!',
  dsterf: 'iDD!',
  dstedc: 'ciDDDiDiIi!',
  dstebz: 'cciddiidDDIIDIIDI!',
  dstein: 'iDDiDIIDiDII!',
  dormtr: 'ccciiDiDDiDi!',
  dgelqf: 'iiDiDDi!',
  dorglq: 'iiiDiDDi!',
  dgeqrf: 'iiDiDDi!',
  dgeqrt3: 'iiDiDi!',
  dgeqp3: 'iiDiIDDi!',
  dormqr: 'cciiiDiDDiDi!',
  dtzrzf: 'iiDiDDi!',
  dormrz: 'cciiiiDiDDiDi!',
  dorgqr: 'iiiDiDDi!',
  dgesdd: 'ciiDiDDiDiDiI!',
  dgbtrf: 'iiiiDiI!',
  dgbtrs: 'ciiiiDiIDi!'
} as const

/** Newer than LAPACK 3.4, so older libraries lack them; what needs them is asked of libraries that have them. */
export const optionalRoutines: ReadonlySet<string> = new Set(['dgeqrt3'])

export type RoutineName = keyof typeof signatures
/** A bigint is the address of doubles that lie outside of any array. */
export type Argument = string | number | bigint | Float64Array | Int32Array

/** Types of a routine's C prototype, as koffi reads them. */
export function prototype(name: RoutineName): string[] {
  const letters = Array.from(signatures[name])
  const types: Record<string, string> = { c: 'str', i: 'int *', d: 'double *', D: 'double *', I: 'int *', '!': 'int *' }
  return [...letters.map((letter) => types[letter]), ...letters.filter((letter) => letter === 'c').map(() => 'size_t')]
}

export interface Marshalled {
  readonly values: readonly unknown[]
  /** INFO after the call; stays 0 for routines without one. */
  readonly info: Int32Array
}

/** Throws when the kinds of the values do not match the signature: a wrong list would corrupt memory. */
export function marshal(name: RoutineName, given: readonly Argument[]): Marshalled {
  const letters = Array.from(signatures[name])
  const info = new Int32Array(1)
  const wanted = letters.filter((letter) => letter !== '!').length
  if (given.length !== wanted) throw new TypeError(`${name} takes ${wanted} arguments, got ${given.length}`)
  const values = letters.map((letter, at) => {
    const value = given[at]
    if (letter === '!') return info
    if (letter === 'c' && typeof value === 'string' && value.length === 1) return value
    if (letter === 'i' && typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31) return Int32Array.of(value)
    if (letter === 'd' && typeof value === 'number') return Float64Array.of(value)
    if (letter === 'D' && (value instanceof Float64Array || typeof value === 'bigint')) return value
    if (letter === 'I' && value instanceof Int32Array) return value
    throw new TypeError(`${name}: argument ${at + 1} must be of kind ${letter}, got ${String(value).slice(0, 40)}`)
  })
  return { values: [...values, ...letters.filter((letter) => letter === 'c').map(() => 1)], info }
}
