// Hands the page a port to the workbench, nothing else.
import { contextBridge, ipcRenderer } from 'electron'

contextBridge.exposeInMainWorld('saddlescope', {
  shell: 'electron',
  /** The port comes back as a window message `{type: 'saddlescope-port'}` that carries it. */
  requestPort: () => ipcRenderer.send('saddlescope:request-port')
})

// A port cannot cross the bridge as a value, so both kinds of news reach the page as messages to its own window.
ipcRenderer.on('saddlescope:port', (event) =>
  window.postMessage({ type: 'saddlescope-port' }, window.location.origin, event.ports as MessagePort[])
)
ipcRenderer.on('saddlescope:port-lost', () => window.postMessage({ type: 'saddlescope-port-lost' }, window.location.origin))
