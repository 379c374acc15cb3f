// Reads a JSON file against a schema; a fault is one sentence that names the file and the place in it.
import type { z } from 'zod'
import { currentSchemaVersion } from '../../shared/spec/schema'
import type { FileSystem } from './file-system'
import { StorageError, systemCodeOf, translating } from './storage-error'
import { decodeText } from './text'
import { messageOf } from '../../shared/format/message-of'

/** No JSON file of the workspace comes near it. */
const maximumJsonBytes = 64 * 1024 * 1024

/** "checks.0.symmetry: expected number, got string"; at most three faults. */
export function schemaFaults(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.join('.') || 'top'}: ${issue.message}`)
    .join('; ')
}

/** The schemaVersion of a document that a newer program wrote; null for all others. */
function newerVersion(value: unknown): number | null {
  const version = typeof value === 'object' && value !== null && 'schemaVersion' in value ? value.schemaVersion : null
  return typeof version === 'number' && version > currentSchemaVersion ? version : null
}

/** Parses a file's bytes against a schema. Throws StorageError naming `file`: `conflict` when a newer program wrote it, else `damaged`. */
export function parseJson<Schema extends z.ZodType>(bytes: Uint8Array, schema: Schema, file: string): z.output<Schema> {
  const decoded = decodeText(bytes)
  if ('fault' in decoded) throw new StorageError('damaged', `${file}: ${decoded.fault}`)
  if (decoded.text.trim() === '') throw new StorageError('damaged', `${file}: is empty`)
  let value: unknown
  try {
    value = JSON.parse(decoded.text)
  } catch (error) {
    throw new StorageError('damaged', `${file}: is not valid JSON (${messageOf(error)})`)
  }
  const parsed = schema.safeParse(value)
  const newer = parsed.success ? null : newerVersion(value)
  if (newer !== null)
    throw new StorageError(
      'conflict',
      `${file}: schemaVersion ${newer} is newer than this program's ${currentSchemaVersion}; it can be looked at, not changed`
    )
  if (!parsed.success) throw new StorageError('damaged', `${file}: ${schemaFaults(parsed.error)}`)
  return parsed.data
}

/** Null when there is no such file. Throws StorageError. */
export async function readJson<Schema extends z.ZodType>(
  fileSystem: FileSystem,
  path: string,
  schema: Schema
): Promise<z.output<Schema> | null> {
  const info = await translating(`read ${path}`, () => fileSystem.info(path))
  if (!info) return null
  if (info.kind !== 'file') throw new StorageError('damaged', `${path}: is not a file`)
  if (info.bytes > maximumJsonBytes) throw new StorageError('damaged', `${path}: ${info.bytes} bytes are too many for such a file`)
  const bytes = await translating(`read ${path}`, () =>
    fileSystem.readFile(path).catch((error: unknown) => {
      // Removed since it was looked at.
      if (systemCodeOf(error) === 'ENOENT') return null
      throw error
    })
  )
  return bytes && parseJson(bytes, schema, path)
}
