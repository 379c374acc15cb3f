// Small things that the app remembers in its user-data folder: a file is whole or as it was before, and one that is torn or strange counts as none.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { app } from 'electron'
import type { z } from 'zod'
import { messageOf } from '../shared/format/message-of'

const placeOf = (name: string) => join(app.getPath('userData'), name)

export function readState<Schema extends z.ZodType>(name: string, schema: Schema, otherwise: z.output<Schema>): z.output<Schema> {
  try {
    const parsed = schema.safeParse(JSON.parse(readFileSync(placeOf(name), 'utf8')))
    return parsed.success ? parsed.data : otherwise
  } catch {
    return otherwise
  }
}

/** At once, so that it is also done while quitting. What cannot be remembered is no reason to stop. */
export function writeState(name: string, value: unknown) {
  const place = placeOf(name)
  const partial = `${place}.${randomBytes(4).toString('hex')}.partial`
  try {
    mkdirSync(app.getPath('userData'), { recursive: true })
    writeFileSync(partial, `${JSON.stringify(value, null, 2)}\n`)
    renameSync(partial, place)
  } catch (error) {
    rmSync(partial, { force: true })
    process.stderr.write(`${name} was not written: ${messageOf(error)}\n`)
  }
}
