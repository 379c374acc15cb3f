// What is known of OpenBLAS's releases: when they came out, what is wrong with some, and what later ones brought.

/** Year and month of each release, as its own changelog dates it (to 0.3.25), as its download page does (to 0.3.30), and as distributions took it up (since). */
const releasedIn: Readonly<Record<string, string>> = {
  '0.3.7': '2019-08',
  '0.3.8': '2020-02',
  '0.3.9': '2020-03',
  '0.3.10': '2020-06',
  '0.3.11': '2020-10',
  '0.3.12': '2020-10',
  '0.3.13': '2020-12',
  '0.3.14': '2021-03',
  '0.3.15': '2021-05',
  '0.3.16': '2021-07',
  '0.3.17': '2021-07',
  '0.3.18': '2021-10',
  '0.3.19': '2021-12',
  '0.3.20': '2022-02',
  '0.3.21': '2022-08',
  '0.3.22': '2023-03',
  '0.3.23': '2023-04',
  '0.3.24': '2023-09',
  '0.3.25': '2023-11',
  '0.3.26': '2024-01',
  '0.3.27': '2024-04',
  '0.3.28': '2024-08',
  '0.3.29': '2025-01',
  '0.3.30': '2025-06',
  '0.3.31': '2026-01',
  '0.3.32': '2026-03',
  '0.3.33': '2026-04',
  '0.3.34': '2026-07'
}

/** The last one of the list. */
export const newestRelease = Object.keys(releasedIn).at(-1) as string

/** The release that a build counts from: "0.3.34" of "0.3.34.481.3" (481 commits later) and of "0.3.21.dev". Null for what is no such number. */
export function baseRelease(version: string): string | null {
  return /^\d+\.\d+\.\d+/.exec(version)?.[0] ?? null
}

/** "2022-08"; null for a release that is not in the list. */
export function releaseMonth(version: string): string | null {
  const base = baseRelease(version)
  return base !== null && Object.hasOwn(releasedIn, base) ? releasedIn[base] : null
}

/** Whether `version` counts from a release before `other`. False for what is no version number. */
export function isBefore(version: string | null, other: string): boolean {
  const [one, two] = [version === null ? null : baseRelease(version), baseRelease(other)]
  if (one === null || two === null) return false
  const [a, b] = [one.split('.').map(Number), two.split('.').map(Number)]
  const at = a.findIndex((part, index) => part !== b[index])
  return at >= 0 && a[at] < b[at]
}

/** Results of this release cannot be relied on. */
export const computesWrongly = (version: string | null): boolean => version !== null && baseRelease(version) === '0.3.30'

/** What the releases behind `version` brought to what is computed here, in the order of their coming. */
export function broughtSince(version: string | null): readonly string[] {
  const news: readonly (readonly [string, string])[] = [
    ['0.3.22', '0.3.22 leaves small symmetric products to one thread'],
    ['0.3.25', '0.3.25 chooses its kernels by what an unknown processor can do'],
    ['0.3.31', '0.3.31 makes all eigenpairs (dsyevd) 1.3–1.8 × faster with several threads']
  ]
  return news.flatMap(([release, words]) => (isBefore(version, release) ? [words] : []))
}
