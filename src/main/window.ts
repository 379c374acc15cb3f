// The window on the page.
import { BrowserWindow, nativeTheme } from 'electron'
import { pageOrigin } from '../shared/page-policy'
import { pagePreferences } from './confine'
import { developmentAddress } from './page-protocol'

export function createWindow(): BrowserWindow {
  const window = new BrowserWindow({
    width: 1360,
    height: 880,
    minWidth: 760,
    minHeight: 520,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#14161a' : '#ffffff',
    webPreferences: pagePreferences
  })
  window.once('ready-to-show', () => window.show())
  void window.loadURL(developmentAddress() ?? `${pageOrigin}/`)
  return window
}
