// The work goes on without a window: an icon in the tray says how far it is, brings the window back, pauses and quits.
import { app, Menu, nativeImage, Tray, type MenuItemConstructorOptions } from 'electron'
import { tooltip, workLines } from './decisions'
import { log } from './logs'
import iconSmall from './tray.png?inline'
import iconLarge from './tray@2x.png?inline'
import type { WorkbenchHost } from './workbench-host'

function icon() {
  const image = nativeImage.createEmpty()
  image.addRepresentation({ scaleFactor: 1, dataURL: iconSmall })
  image.addRepresentation({ scaleFactor: 2, dataURL: iconLarge })
  return image
}

export interface Background {
  /** True from `begin` until a window is open again. */
  isOn(): boolean
  /** `address`: where the window that is closed was, so that it comes back there. */
  begin(address: string): void
}

export function setupBackground(workbench: WorkbenchHost, showAt: (address: string) => void): Background {
  let on = false
  let address = ''
  const show = () => showAt(address)
  let tray: Tray | null = null
  let lines = ''

  function refresh() {
    if (!tray) return
    const activity = workbench.activity()
    const now = JSON.stringify(activity)
    if (now === lines) return
    lines = now
    tray.setToolTip(tooltip(activity))
    const { running, waiting, paused } = activity
    const pause: MenuItemConstructorOptions =
      paused > 0 && running.length + waiting === 0
        ? { id: 'go-on', label: 'Go on', click: () => workbench.goOn('person') }
        : { id: 'pause', label: 'Pause', enabled: running.length + waiting > 0, click: () => workbench.pause('person') }
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { id: 'show', label: 'Show Saddlescope', click: show },
        { type: 'separator' },
        ...workLines(activity).map((label) => ({ label, enabled: false })),
        { type: 'separator' },
        pause,
        { id: 'quit', label: running.length > 0 ? 'Checkpoint and quit' : 'Quit', click: () => app.quit() }
      ])
    )
  }
  function end() {
    on = false
    tray?.destroy()
    tray = null
  }
  workbench.onActivity(refresh)
  app.on('browser-window-created', end)
  return {
    isOn: () => on,
    begin(left) {
      on = true
      address = left
      log('the last window is closed, the work goes on')
      tray ??= new Tray(icon())
      tray.on('click', show)
      lines = ''
      refresh()
    }
  }
}
