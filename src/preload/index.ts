// Hands the page a port to the workbench, and paths of files that the person chose.
import { contextBridge, ipcRenderer, webUtils } from 'electron'

contextBridge.exposeInMainWorld('saddlescope', {
  shell: 'electron',
  /** The port comes back as a window message `{type: 'saddlescope-port'}` that carries it. */
  requestPort: () => ipcRenderer.send('saddlescope:request-port'),
  /** Where a dropped or picked file is; Electrons before 32 tell the page itself. */
  pathOf: (file: File) => (webUtils as typeof webUtils | undefined)?.getPathForFile(file) ?? '',
  /** Where the person wants a file saved; null when they would rather not. */
  savePath: (name: string) => ipcRenderer.invoke('saddlescope:save-path', name) as Promise<string | null>,
  /** Shows a folder of the workspace; why not, or nothing. */
  openFolder: (path: string) => ipcRenderer.invoke('saddlescope:open-folder', path) as Promise<string>
})

// A port cannot cross the bridge as a value, so both kinds of news reach the page as messages to its own window.
ipcRenderer.on('saddlescope:port', (event) =>
  window.postMessage({ type: 'saddlescope-port' }, window.location.origin, event.ports as MessagePort[])
)
ipcRenderer.on('saddlescope:port-lost', () => window.postMessage({ type: 'saddlescope-port-lost' }, window.location.origin))
