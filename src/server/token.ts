// The token of a server, kept between starts in the user's state folder (never in the workspace), so that a link stays valid.
import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LocationInput } from '../store'
import { messageOf } from '../shared/format/message-of'

/** Where programs keep what they remember between starts, as each system wants it. */
export function stateFolder({ environment, platform, home }: Omit<LocationInput, 'option'>): string {
  if (platform === 'win32') return join(environment.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'Saddlescope', 'State')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Saddlescope', 'State')
  return join(environment.XDG_STATE_HOME || join(home, '.local', 'state'), 'saddlescope')
}

export interface KeptToken {
  readonly token: string
  /** What the person who started the server should know; one line. */
  readonly note: string | null
}

export interface TokenPlace {
  readonly folder: string
  /** What the token opens: a workspace on a port has its own. */
  readonly workspace: string
  readonly port: number
  /** A new one, whatever is kept: older links and sessions end. */
  readonly renew?: boolean
  readonly platform?: NodeJS.Platform
}

/** Of so many servers the tokens are kept, the latest started. */
const mostKept = 64

export const newToken = () => randomBytes(32).toString('base64url')

/** The kept token; or null with the reason why it must not be used, null where there is none. */
async function readToken(path: string, checksMode: boolean): Promise<{ token: string | null; why: string | null }> {
  const info = await stat(path).catch(() => null)
  if (!info) return { token: null, why: null }
  if (checksMode && (info.mode & 0o077) !== 0)
    return { token: null, why: `others on this machine could read the kept token (mode ${(info.mode & 0o777).toString(8)} of ${path})` }
  if (checksMode && process.getuid && info.uid !== process.getuid())
    return { token: null, why: `the kept token is not this user's (${path})` }
  const text = (await readFile(path, 'utf8')).trim()
  return /^[A-Za-z0-9_-]{43}$/.test(text) ? { token: text, why: null } : { token: null, why: `the kept token is damaged (${path})` }
}

async function writeToken(folder: string, path: string, token: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // A folder that was there may be open to others.
  await chmod(folder, 0o700)
  const partial = `${path}.${randomBytes(4).toString('hex')}.partial`
  await writeFile(partial, `${token}\n`, { mode: 0o600, flag: 'wx' })
  await rename(partial, path)
}

async function forgetOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.token'))
  if (names.length <= mostKept) return
  const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })))
  aged.sort((a, b) => a.at - b.at)
  for (const { name } of aged.slice(0, names.length - mostKept)) await rm(join(folder, name), { force: true })
}

/** The token to serve with: the kept one, else a new one that is kept. Never rejects: where nothing can be kept it lives as long as the server. */
export async function keptToken({ folder, workspace, port, renew = false, platform = process.platform }: TokenPlace): Promise<KeptToken> {
  const tokens = join(folder, 'tokens')
  const path = join(tokens, `${createHash('sha256').update(`${workspace}\n${port}`).digest('hex').slice(0, 32)}.token`)
  let reason: string | null = null
  try {
    if (!renew) {
      const { token, why } = await readToken(path, platform !== 'win32')
      if (token !== null) return { token, note: null }
      reason = why
    }
    const token = newToken()
    await writeToken(tokens, path, token)
    await forgetOldest(tokens).catch(() => undefined)
    return { token, note: reason === null ? null : `${reason}: there is a new one, older links are no longer valid` }
  } catch (error) {
    const cause = messageOf(error)
    return { token: newToken(), note: `the link cannot be kept for the next start: ${cause}` }
  }
}
