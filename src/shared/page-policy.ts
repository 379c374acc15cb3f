// The page's address in the desktop app, and the headers it is served with, over http and over app://.

export const pageOrigin = 'app://saddlescope'

/** Whether an address is the page's own; `development`: where else the page is served from while it is worked on. */
export function isPageAddress(address: string, development: string | null): boolean {
  let url: URL
  try {
    url = new URL(address)
  } catch {
    return false
  }
  if (url.username !== '' || url.password !== '') return false
  // The origin of a scheme like ours is opaque to Node, so that scheme and host are compared.
  const isAt = (place: string) => url.protocol === new URL(place).protocol && url.host === new URL(place).host
  return isAt(pageOrigin) || (development !== null && isAt(development))
}

/** Nothing unsafe, nothing from elsewhere. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'"
].join('; ')

export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin'
}

const contentTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  json: 'application/json',
  woff2: 'font/woff2'
}

/** The content type of a file of the built page, by its ending; null for a kind the page does not consist of. */
export function contentTypeOf(path: string): string | null {
  return contentTypes[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? null
}

/** The file below the page's folder that a URL path names (`/` is index.html); null for anything that is not a plain path to a file the page may consist of. */
export function pageFile(urlPath: string): string | null {
  let path: string
  try {
    path = decodeURIComponent(urlPath)
  } catch {
    return null
  }
  if (path === '/') return 'index.html'
  if (!/^(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$/.test(path)) return null
  return contentTypeOf(path) === null ? null : path.slice(1)
}
