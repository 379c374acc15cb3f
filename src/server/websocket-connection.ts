// A WebSocket as a connection of frames.
import type { WebSocket } from 'ws'
import type { Connection } from '../shared/api/wire'

/** A client that lets this much pile up unread is too slow or gone. */
const maxBufferedBytes = 512 * 1024 * 1024

export function webSocketConnection(socket: WebSocket): Connection {
  socket.binaryType = 'arraybuffer'
  return {
    send(frame) {
      if (socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount > maxBufferedBytes) socket.terminate()
      else socket.send(frame)
    },
    onFrame(listener) {
      socket.on('message', (data) => {
        if (data instanceof ArrayBuffer) listener(data)
        else socket.close(1003, 'binary frames only')
      })
    },
    onClose(listener) {
      socket.once('close', listener)
      socket.on('error', () => socket.terminate())
    },
    close() {
      socket.close()
    }
  }
}
