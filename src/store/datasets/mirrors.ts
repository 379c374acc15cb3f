// The public datasets that can be downloaded here: those of the catalogue, from their official addresses or from mirrors that the user names.
import { z } from 'zod'
import { parseJson, realFileSystem, StorageError } from '../files'
import { knownDatasets, type KnownDataset } from './catalogue'

const mirrorSchema = z.array(
  z.strictObject({
    id: z.enum(['cifar-100', 'cifar-10', 'mnist', 'fashion-mnist']),
    files: z
      .array(
        z.strictObject({
          url: z.url({ protocol: /^https?$/ }),
          name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/, 'must be a plain file name'),
          bytes: z.number().int().positive(),
          md5: z.string().regex(/^[0-9a-f]{32}$/, 'must be an MD5 in lower-case hex')
        })
      )
      .min(1)
  })
)

/**
 * The catalogue; sets that the JSON file named by SADDLESCOPE_MIRRORS lists are fetched as it says (`[{id, files: [{url, name, bytes, md5}]}]`).
 * Throws one sentence about a file that cannot be used.
 */
export async function offeredDatasets(environment: NodeJS.ProcessEnv = process.env): Promise<readonly KnownDataset[]> {
  const path = environment.SADDLESCOPE_MIRRORS
  if (!path) return knownDatasets
  const text = await realFileSystem.readFile(path).catch(() => {
    throw new StorageError('not-found', `SADDLESCOPE_MIRRORS: ${path} cannot be read`)
  })
  const mirrors = parseJson(text, mirrorSchema, path)
  return knownDatasets.map((known) => {
    const mirror = mirrors.find(({ id }) => id === known.id)
    return mirror ? { ...known, files: mirror.files } : known
  })
}

export async function offeredDataset(id: string): Promise<KnownDataset | null> {
  return (await offeredDatasets()).find((known) => known.id === id) ?? null
}
