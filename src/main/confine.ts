// Keeps every web contents on the page: sandboxed, without permissions, unable to go elsewhere or to open windows.
import { join } from 'node:path'
import { app, BrowserWindow, session, type WebContents, type WebPreferences } from 'electron'
import { isPageAddress } from '../shared/page-policy'
import { offerExternal } from './external'
import { developmentAddress } from './page-protocol'

/** What every window of ours is made with. */
export const pagePreferences: Readonly<WebPreferences> = {
  preload: join(__dirname, '..', 'preload', 'index.js'),
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false
}

const confined = new WeakSet<WebContents>()

export const isConfined = (contents: WebContents) => confined.has(contents)

/** The page stays where it is; links to other sites are offered to the user's browser. */
function confine(contents: WebContents) {
  confined.add(contents)
  const stay = (event: { preventDefault(): void }, url: string) => {
    if (!isPageAddress(url, developmentAddress())) event.preventDefault()
  }
  contents.on('will-navigate', stay)
  contents.on('will-redirect', stay)
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    void offerExternal(BrowserWindow.fromWebContents(contents), url)
    return { action: 'deny' }
  })
}

/** Before the app is ready. */
export function confineContents() {
  // Chromium starts nothing as root, or in some containers, unless it is told on the command line to do without its sandbox.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  // The spelling checker fetches dictionaries from another company's machine as soon as there is a session, whatever windows are made with.
  app.on('session-created', (made) => {
    made.setSpellCheckerEnabled(false)
    if (process.platform !== 'darwin') made.setSpellCheckerLanguages([])
  })
  app.on('web-contents-created', (_event, contents) => confine(contents))
}

/** For the page's copy buttons; reading the clipboard is another permission, which nobody has. */
const isCopying = (permission: string, address: string) =>
  permission === 'clipboard-sanitized-write' && isPageAddress(address, developmentAddress())

/** When the app is ready: no page of ours needs a camera, a location or a notification. */
export function refusePermissions() {
  const { defaultSession } = session
  defaultSession.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) =>
    answer(isCopying(permission, requestingUrl))
  )
  defaultSession.setPermissionCheckHandler((_contents, permission, origin) => isCopying(permission, origin))
  defaultSession.setDevicePermissionHandler(() => false)
}
