// The window: sandboxed, isolated, and unable to go anywhere but the page.
import { join } from 'node:path'
import { BrowserWindow, nativeTheme, session, shell, type WebContents } from 'electron'
import { pageOrigin } from './page-protocol'

/** No page of ours needs a camera, a location or a notification. */
export function refusePermissions() {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.defaultSession.setPermissionCheckHandler(() => false)
}

/** Links to other sites open in the user's browser; the page itself stays. */
export function confine(contents: WebContents) {
  contents.on('will-navigate', (event, url) => {
    if (new URL(url).origin !== pageOrigin) event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    if (url.startsWith('https://')) void shell.openExternal(url)
    return { action: 'deny' }
  })
}

export function createWindow(): BrowserWindow {
  const window = new BrowserWindow({
    width: 1360,
    height: 880,
    minWidth: 760,
    minHeight: 520,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#14161a' : '#ffffff',
    webPreferences: { preload: join(__dirname, '..', 'preload', 'index.js'), sandbox: true, contextIsolation: true, nodeIntegration: false }
  })
  confine(window.webContents)
  window.once('ready-to-show', () => window.show())
  const development = process.env.ELECTRON_RENDERER_URL
  void window.loadURL(development ?? `${pageOrigin}/`)
  return window
}
