// What `doctor` says of the native linear-algebra library: which one, whose, how old, what is wrong with it, what a newer one brings and how to get it.
import type { NativeLibrary, NativeSearch } from '../engine/linalg'
import {
  baseRelease,
  broughtSince,
  computesWrongly,
  isBefore,
  newestRelease,
  releaseMonth
} from '../engine/linalg/backends/lapack/releases'
import { capsEigenThreads, cappedOrders } from '../engine/linalg/backends/lapack/threads'
import type { DoctorRow } from '../shared/api/contract'

export interface LibrarySituation extends NativeSearch {
  /** Whether this is a checkout, where `npm run fetch-openblas` works. */
  readonly checkout: boolean
  /** Whether one came with Saddlescope, in use or not. */
  readonly bundled: boolean
  /** Whether the processor has AVX2; null where the system does not tell. */
  readonly avx2: boolean | null
  readonly now: Date
}

const whose = {
  named: 'named by SADDLESCOPE_LAPACK',
  bundled: 'came with Saddlescope',
  system: 'of the system'
} as const

/** "3 months ago", "4 years ago" of a month like "2022-08". */
export function ago(month: string, now: Date): string {
  const [year, number] = month.split('-').map(Number)
  const months = Math.max(0, (now.getUTCFullYear() - year) * 12 + now.getUTCMonth() + 1 - number)
  if (months === 0) return 'this month'
  const [count, unit] = months < 24 ? [months, 'month'] : [Math.floor(months / 12), 'year']
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`
}

/** Builds between two releases are dated by the earlier one. */
const age = (version: string, released: string, now: Date): string =>
  baseRelease(version) === version
    ? `released ${released}, ${ago(released, now)}`
    : `a build after ${baseRelease(version)}, which was released ${released}, ${ago(released, now)}`

/** OpenBLAS's kernels from before AVX2, which it also falls back to on a processor that it does not know. */
const oldCores = ['prescott', 'core2', 'penryn', 'dunnington', 'nehalem', 'atom', 'barcelona', 'opteron', 'bobcat', 'generic']

const fallsBack = ({ core }: NativeLibrary, avx2: boolean | null): boolean =>
  avx2 === true && core !== null && oldCores.includes(core.toLowerCase())

function libraryRow({ library, none, avx2, now }: LibrarySituation): DoctorRow {
  const name = 'linear algebra library'
  if (!library)
    return {
      name,
      value: `the embedded WebAssembly kernels: ${none}`,
      ok: true,
      facts: { source: 'embedded', kind: null, version: null, released: null, file: null, core: null }
    }
  const { kind, version, source, core, file } = library
  const released = kind === 'OpenBLAS' && version !== null ? releaseMonth(version) : null
  const kernels = fallsBack(library, avx2)
    ? `; uses its ${core} kernels, because it does not know this processor, which can do far more`
    : ''
  return {
    name,
    value: `${kind}${version === null ? '' : ` ${version}`}, ${whose[source]} (${file})${released === null ? '' : `, ${age(version ?? '', released, now)}`}${kernels}`,
    ok: true,
    facts: { source, kind, version, released, file, core }
  }
}

function howToGetNewer({ library, checkout, bundled }: LibrarySituation): string {
  if (bundled && library?.source === 'named') return 'a newer one came with Saddlescope: unset SADDLESCOPE_LAPACK'
  if (checkout) return '`npm run fetch-openblas` brings it into this checkout'
  return 'the packages of Saddlescope bring it; SADDLESCOPE_LAPACK=PATH names another'
}

function newerRow(situation: LibrarySituation): DoctorRow[] {
  const { library } = situation
  const name = 'newer library'
  const newest = `OpenBLAS ${newestRelease} (${releaseMonth(newestRelease)})`
  if (!library && (situation.bundled || !situation.wanted)) return []
  if (!library) return [{ name, value: `${newest} is several times faster; ${howToGetNewer(situation)}`, ok: true }]
  if (library.kind !== 'OpenBLAS' || !isBefore(library.version, newestRelease)) return []
  const news = broughtSince(library.version)
  return [{ name, value: `${newest}${news.length > 0 ? `: ${news.join('; ')}` : ''}; ${howToGetNewer(situation)}`, ok: true }]
}

function warningRows(situation: LibrarySituation): DoctorRow[] {
  const { library } = situation
  if (!library) return []
  const rows: DoctorRow[] = []
  if (library.kind === 'OpenBLAS' && computesWrongly(library.version))
    rows.push({
      name: 'wrong products',
      value: `OpenBLAS 0.3.30 can return wrong products: do not rely on results computed with it; ${howToGetNewer(situation)}`,
      ok: false,
      advice: `Use another release of OpenBLAS, or SADDLESCOPE_BACKEND=wasm until you have one: ${howToGetNewer(situation)}.`
    })
  if (capsEigenThreads(library))
    rows.push({
      name: 'threads of the library',
      value: `it gets slower with many threads, so eigenproblems use at most ${cappedOrders.map(({ threads, below }) => `${threads} below n = ${below}`).join(', ')}`,
      ok: true
    })
  return rows
}

export const libraryRows = (situation: LibrarySituation): DoctorRow[] => [
  libraryRow(situation),
  ...warningRows(situation),
  ...newerRow(situation)
]
