// How an engine process talks: plain objects over child_process' IPC, or over a port that Electron's main process hands it.

export interface Channel {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** The other side is gone. */
  onClose(listener: () => void): void
  /** Lets the process end once everything sent is on its way. */
  close(): void
}

interface Port {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { readonly data: unknown; readonly ports: readonly Port[] }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start?(): void
  close?(): void
}

function ipcChannel(): Channel {
  return {
    send(message) {
      if (process.connected) process.send?.(message)
    },
    onMessage: (listener) => void process.on('message', listener),
    onClose: (listener) => void process.on('disconnect', listener),
    close() {
      if (process.connected) process.disconnect()
    }
  }
}

function portChannel(port: Port): Channel {
  return {
    send: (message) => port.postMessage(message),
    onMessage(listener) {
      port.on('message', ({ data }) => listener(data))
      port.start?.()
    },
    onClose: (listener) => void port.on('close', listener),
    close: () => port.close?.()
  }
}

/** The channel to whoever started this process. Rejects when it was started by hand. */
export async function openChannel(): Promise<Channel> {
  const { parentPort } = process as NodeJS.Process & { parentPort?: Port }
  if (parentPort)
    return new Promise((resolve) => {
      // Main's first and only message carries the port to the workbench.
      parentPort.on('message', ({ ports }) => {
        if (ports[0]) resolve(portChannel(ports[0]))
      })
    })
  if (process.send) return ipcChannel()
  throw new Error('this program is started by Saddlescope; see `saddlescope --help`')
}
