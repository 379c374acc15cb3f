// A pair of connections in one process, for tests and for a client beside the workbench: frames are copied and arrive later, as over a real transport.
import type { Connection, Frame } from '../../../src/shared/api/wire'

interface End {
  connection: Connection
  deliver(frame: Frame): void
  end(): void
}

function makeEnd(other: () => End): End {
  const frameListeners: ((frame: Frame) => void)[] = []
  const closeListeners: (() => void)[] = []
  const early: Frame[] = []
  let open = true
  const endHere = () => {
    if (!open) return
    open = false
    for (const listener of closeListeners) listener()
  }
  return {
    connection: {
      send(frame) {
        if (!open) return
        const copy = frame.slice(0)
        void Promise.resolve().then(() => other().deliver(copy))
      },
      onFrame(listener) {
        frameListeners.push(listener)
        for (const frame of early.splice(0)) listener(frame)
      },
      onClose(listener) {
        closeListeners.push(listener)
      },
      close() {
        if (!open) return
        void Promise.resolve().then(() => other().end())
        endHere()
      }
    },
    deliver(frame) {
      if (!open) return
      if (frameListeners.length === 0) early.push(frame)
      for (const listener of frameListeners) listener(frame)
    },
    end: endHere
  }
}

/** Two ends: what one sends, the other receives; closing one closes both. */
export function connectionPair(): [Connection, Connection] {
  const a: End = makeEnd(() => b)
  const b: End = makeEnd(() => a)
  return [a.connection, b.connection]
}
