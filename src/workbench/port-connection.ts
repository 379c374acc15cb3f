// A MessagePort (Electron's, or node:worker_threads') as a connection of frames.
import type { Connection } from '../shared/api/wire'
import type { PortLike } from './main-protocol'

/** What a frame may arrive as: an ArrayBuffer, or a view of one where a transport wraps it. */
function frameOf(data: unknown): ArrayBuffer | null {
  if (data instanceof ArrayBuffer) return data
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice().buffer
  return null
}

/** Electron hands listeners an event with `data`, node:worker_threads the payload itself; both are understood. */
export function portConnection(port: Pick<PortLike, 'postMessage' | 'on' | 'start' | 'close'>): Connection {
  let open = true
  const closeListeners: (() => void)[] = []
  const ended = () => {
    if (!open) return
    open = false
    for (const listener of closeListeners) listener()
  }
  port.on('close', ended)
  return {
    send(frame) {
      if (open) port.postMessage(frame)
    },
    onFrame(listener) {
      port.on('message', (event: unknown) => {
        const payload = typeof event === 'object' && event !== null && 'data' in event ? event.data : event
        const frame = frameOf(payload)
        if (frame) listener(frame)
        else this.close()
      })
      port.start?.()
    },
    onClose(listener) {
      closeListeners.push(listener)
    },
    close() {
      port.close?.()
      ended()
    }
  }
}
