// The page's own origin, app://saddlescope: files of the built page and nothing else, under the same policy as over http.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { app, protocol } from 'electron'
import { contentTypeOf, isPageAddress, pageFile, pageHeaders } from '../shared/page-policy'

const pageFolder = join(__dirname, '..', 'renderer')

/** Where `npm run dev` serves the page; an installed app has its own files only. */
export const developmentAddress = (): string | null => (app.isPackaged ? null : process.env.ELECTRON_RENDERER_URL || null)

/** Before the app is ready. */
export function registerPageScheme() {
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }])
}

/** When the app is ready. */
export function servePage() {
  protocol.handle('app', async (request) => {
    const file = isPageAddress(request.url, null) && request.method === 'GET' ? pageFile(new URL(request.url).pathname) : null
    const body = file === null ? null : await readFile(join(pageFolder, file)).catch(() => null)
    if (file === null || body === null)
      return new Response('not found', { status: 404, headers: { ...pageHeaders, 'content-type': 'text/plain' } })
    return new Response(new Uint8Array(body), { status: 200, headers: { ...pageHeaders, 'content-type': contentTypeOf(file) ?? '' } })
  })
}
