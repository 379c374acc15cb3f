// Data sets of one title told apart: by id, samples, when they came and the beginning of their fingerprints.
import type { DatasetInfo } from '../../../shared/api/contract'
import { formatCount, formatTime } from '../../app/format'

export const shortFingerprint = (fingerprint: string | null) => (fingerprint === null ? null : fingerprint.slice(0, 12))

/** Titles that more than one data set has. */
export function sharedTitles(all: readonly Pick<DatasetInfo, 'title'>[]): ReadonlySet<string> {
  const seen = new Set<string>()
  const shared = new Set<string>()
  for (const { title } of all) {
    if (seen.has(title)) shared.add(title)
    seen.add(title)
  }
  return shared
}

/** What tells one from others of its title. */
export function distinction(info: DatasetInfo): string {
  const fingerprint = shortFingerprint(info.fingerprint)
  return [
    info.id,
    `${formatCount(info.trainCount)} + ${formatCount(info.testCount)} samples`,
    info.installedAt === null ? null : `since ${formatTime(info.installedAt)}`,
    fingerprint === null ? null : `fingerprint ${fingerprint}…`
  ]
    .filter((part) => part !== null)
    .join(', ')
}

/** Another one with the very same data, under another id. */
export const sameData = (info: DatasetInfo, all: readonly DatasetInfo[]) =>
  info.fingerprint === null ? [] : all.filter((one) => one.id !== info.id && one.fingerprint === info.fingerprint)

/** The id, or the next free one of its kind. */
export function freeId(id: string, taken: ReadonlySet<string>): string {
  let free = id
  for (let number = 2; taken.has(free); number++) free = `${id.slice(0, 58)}-${number}`
  return free
}
