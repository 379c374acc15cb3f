// Who may talk to the server: loopback names only, the same origin only, and whoever knows the token.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const loopbackHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i

/** Why a request's Host or Origin is refused, or that a page from elsewhere made it; null when it is fine. Any port will do, so that port forwarding works. */
export function refuseOrigin(request: Pick<IncomingMessage, 'headers'>): string | null {
  const { host, origin } = request.headers
  if (!host || !loopbackHost.test(host)) return 'this server answers to 127.0.0.1, localhost and [::1] only'
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) return 'requests from another origin are refused'
  return null
}

function equal(given: string, expected: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}

export interface Guard {
  readonly cookieName: string
  /** A session for the right token; `refused` for a wrong one; `wait` (seconds) after too many wrong ones. */
  open(token: string): { kind: 'session'; cookie: string } | { kind: 'refused' } | { kind: 'wait'; seconds: number }
  admits(request: Pick<IncomingMessage, 'headers'>): boolean
}

const maxFailures = 10
const failureWindow = 60_000
const sessionTime = 30 * 86_400_000

/**
 * `token` (256 bits) buys sessions; they are signed with it, so that they outlive a restart with the same token and end with a new one. `port`
 * names the cookie, so that two servers on one machine do not overwrite each other's.
 */
export function createGuard(port: number, token: string, now: () => number = Date.now): Guard {
  const cookieName = `saddlescope-${port}`
  const signed = (what: string) => `${what}.${createHmac('sha256', token).update(`${cookieName} session ${what}`).digest('base64url')}`
  let failures: number[] = []
  return {
    cookieName,
    open(given) {
      const time = now()
      failures = failures.filter((at) => time - at < failureWindow)
      if (failures.length >= maxFailures) return { kind: 'wait', seconds: Math.ceil((failures[0] + failureWindow - time) / 1000) }
      if (!equal(given, token)) {
        failures.push(time)
        return { kind: 'refused' }
      }
      const session = signed(`${time + sessionTime}.${randomBytes(16).toString('base64url')}`)
      return { kind: 'session', cookie: `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/` }
    },
    admits(request) {
      for (const part of (request.headers.cookie ?? '').split(';')) {
        const [name, value] = part.trim().split('=')
        if (name !== cookieName || value === undefined) continue
        const what = value.slice(0, value.lastIndexOf('.'))
        if (/^\d+\./.test(what) && Number.parseInt(what, 10) > now() && equal(value, signed(what))) return true
      }
      return false
    }
  }
}
