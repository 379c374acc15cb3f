// The token that outlives its server: kept where only its user reads it, renewed when others could, and sessions that end with it.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGuard } from '../../../src/server/guard'
import { keptToken, stateFolder } from '../../../src/server/token'

let folder: string
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'saddlescope-token-')), 'state')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

const place = (changes: object = {}) => ({ folder, workspace: '/w', port: 7340, ...changes })
const tokens = () => join(folder, 'tokens')
const file = () => join(tokens(), readdirSync(tokens())[0])

describe('the kept token', () => {
  it('is the same at the next start, another for another port or workspace, and new when asked for', async () => {
    const first = await keptToken(place())
    expect(Buffer.from(first.token, 'base64url')).toHaveLength(32)
    expect(first.note).toBeNull()
    expect(await keptToken(place())).toEqual(first)
    expect((await keptToken(place({ port: 7341 }))).token).not.toBe(first.token)
    expect((await keptToken(place({ workspace: '/other' }))).token).not.toBe(first.token)
    const renewed = await keptToken(place({ renew: true }))
    expect(renewed.token).not.toBe(first.token)
    expect(renewed.note).toBeNull()
    expect((await keptToken(place())).token).toBe(renewed.token)
  })

  it('lies in a file of mode 600 in a folder of mode 700, also when the folder was open before', async () => {
    mkdirSync(tokens(), { recursive: true, mode: 0o755 })
    const { token } = await keptToken(place())
    expect(readFileSync(file(), 'utf8')).toBe(`${token}\n`)
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(statSync(tokens()).mode & 0o777).toBe(0o700)
  })

  it.each([0o644, 0o640, 0o602])('that others could read or change (mode %o) is not used again, and one line says so', async (mode) => {
    const first = await keptToken(place())
    chmodSync(file(), mode)
    const second = await keptToken(place())
    expect(second.token).not.toBe(first.token)
    expect(second.note).toMatch(
      /^others on this machine could read the kept token \(mode 6[04][0-4] of .*\): there is a new one, older links are no longer valid$/
    )
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(await keptToken(place())).toEqual({ token: second.token, note: null })
  })

  it.each(['', 'short\n', 'x'.repeat(5000)])('that is damaged is replaced, and said', async (text) => {
    await keptToken(place())
    writeFileSync(file(), text)
    const { token, note } = await keptToken(place())
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(note).toMatch(/damaged/)
  })

  it('where nothing can be kept the server starts all the same, and says so', async () => {
    writeFileSync(folder, 'a file')
    const { token, note } = await keptToken(place())
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(note).toMatch(/^the link cannot be kept for the next start/)
  })

  it('does not pile up', async () => {
    for (let port = 1; port <= 70; port++) await keptToken(place({ port }))
    expect(readdirSync(tokens())).toHaveLength(64)
  })

  it('is where each system keeps such things', () => {
    const at = (platform: NodeJS.Platform, environment = {}) => stateFolder({ platform, environment, home: '/h' })
    expect(at('linux')).toBe('/h/.local/state/saddlescope')
    expect(at('linux', { XDG_STATE_HOME: '/s' })).toBe('/s/saddlescope')
    expect(at('darwin')).toBe('/h/Library/Application Support/Saddlescope/State')
    expect(at('win32', { LOCALAPPDATA: '/l' })).toBe('/l/Saddlescope/State')
  })
})

describe('sessions', () => {
  const session = (guard: ReturnType<typeof createGuard>) => {
    const opened = guard.open('right')
    return { headers: { cookie: opened.kind === 'session' ? opened.cookie.split(';')[0] : '' } }
  }
  it('outlive a restart with the same token and port, and end with a new token, on another port, changed, or after 30 days', () => {
    let time = 1_000_000
    const now = () => time
    const cookie = session(createGuard(7340, 'right', now))
    expect(createGuard(7340, 'right', now).admits(cookie)).toBe(true)
    expect(createGuard(7340, 'new', now).admits(cookie)).toBe(false)
    const other = { headers: { cookie: cookie.headers.cookie.replace('-7340', '-7341') } }
    expect(createGuard(7341, 'right', now).admits(other)).toBe(false)
    const [name, value] = cookie.headers.cookie.split('=')
    const later = value.replace(/^\d/, '9')
    expect(createGuard(7340, 'right', now).admits({ headers: { cookie: `${name}=${later}` } })).toBe(false)
    for (const forged of ['', '.', '9999999999999..', '9999999999999.x.']) {
      expect(createGuard(7340, 'right', now).admits({ headers: { cookie: `${name}=${forged}` } })).toBe(false)
    }
    time += 31 * 86_400_000
    expect(createGuard(7340, 'right', now).admits(cookie)).toBe(false)
  })
})
