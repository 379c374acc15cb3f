// The windows on the page: where they open, which one is meant, and how one is brought back.
import { app, BrowserWindow, nativeTheme, screen } from 'electron'
import { pageOrigin } from '../shared/page-policy'
import { onCommand } from './commands'
import { pagePreferences } from './confine'
import { developmentAddress } from './page-protocol'
import { readState, writeState } from './state-file'
import { choosePlace, noPlaces, placesSchema, withPlace } from './window-place'

const placesFile = 'window-state.json'
/** The last one used, for what is meant for one window. */
let latest: BrowserWindow | null = null
/** Those that have something to show. */
const ready = new WeakSet<BrowserWindow>()

const isThere = (window: BrowserWindow | null): window is BrowserWindow => window !== null && !window.isDestroyed()

/** The window in front, else the one that was; null when there is none. */
export function currentWindow(): BrowserWindow | null {
  const focused = BrowserWindow.getFocusedWindow()
  if (isThere(focused)) return focused
  return isThere(latest) ? latest : (BrowserWindow.getAllWindows()[0] ?? null)
}

function remember(window: BrowserWindow) {
  // Of several windows the one that was used last is remembered.
  if (window.isDestroyed() || window.isMinimized() || window !== latest) return
  const place = { bounds: window.getNormalBounds(), maximized: window.isMaximized(), fullScreen: window.isFullScreen() }
  writeState(placesFile, withPlace(readState(placesFile, placesSchema, noPlaces), screen.getAllDisplays(), place))
}

function rememberChanges(window: BrowserWindow) {
  let timer: ReturnType<typeof setTimeout> | null = null
  const soon = () => {
    if (timer) clearTimeout(timer)
    timer = setTimeout(() => remember(window), 500)
  }
  window.on('resize', soon)
  window.on('move', soon)
  window.on('maximize', soon)
  window.on('unmaximize', soon)
  window.on('enter-full-screen', soon)
  window.on('leave-full-screen', soon)
  window.on('close', () => {
    if (timer) clearTimeout(timer)
    remember(window)
  })
}

/** `beside`: the window that it opens beside, at its size. */
export function openWindow(beside: BrowserWindow | null = null): BrowserWindow {
  const places = readState(placesFile, placesSchema, noPlaces)
  const { bounds, maximized, fullScreen } = choosePlace(places, screen.getAllDisplays(), beside?.getNormalBounds())
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 760,
    minHeight: 520,
    show: false,
    fullscreen: fullScreen,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#14161a' : '#ffffff',
    webPreferences: pagePreferences
  })
  latest = window
  window.on('focus', () => (latest = window))
  window.on('closed', () => {
    if (latest === window) latest = null
  })
  window.once('ready-to-show', () => {
    ready.add(window)
    if (maximized) window.maximize()
    window.show()
    rememberChanges(window)
  })
  void window.loadURL(developmentAddress() ?? `${pageOrigin}/`)
  return window
}

/** Whatever became of it (minimised, hidden, behind others, closed): a window in front of the person. */
export function bringBack(): BrowserWindow {
  const window = currentWindow() ?? openWindow()
  if (window.isMinimized()) window.restore()
  // One that is new shows itself when its page is drawn.
  if (ready.has(window)) window.show()
  window.focus()
  // Elsewhere it would choose a window of its own.
  if (process.platform === 'darwin') app.focus({ steal: true })
  return window
}

export function setupWindows() {
  openWindow()
  onCommand('new-window', (window) => void openWindow(window))
  app.on('activate', () => void bringBack())
  // Quitting may end the windows without closing them.
  app.on('before-quit', () => latest && remember(latest))
}
