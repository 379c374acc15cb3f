// Events by topic: numbered, kept for a while in a ring, and sent on to whoever listens; a listener that missed some is told to ask afresh.

export interface HubEvent {
  readonly sequence: number
  /** null: reset. */
  readonly event: unknown
}

interface Channel {
  sequence: number
  readonly ring: HubEvent[]
  readonly listeners: Set<(event: HubEvent) => void>
}

export interface Hub {
  publish(channel: string, event: unknown): void
  /** Events after `since`, or a reset when they are no longer known; then everything that comes. Returns the function that ends it. */
  subscribe(channel: string, since: number | null, listener: (event: HubEvent) => void): () => void
  /** Hears of every channel that something was published on, without counting as somebody who listens: nothing is followed for its sake. */
  watch(watcher: (channel: string, event: unknown) => void): void
  /** True while somebody listens. */
  hasListeners(channel: string): boolean
  /** The channels somebody listens to. */
  listened(): string[]
  /** Forgets a channel that nobody listens to, such as that of a removed run. */
  forget(channel: string): void
}

const ringLength = 256

export function createHub(): Hub {
  const channels = new Map<string, Channel>()
  const watchers: ((channel: string, event: unknown) => void)[] = []
  const open = (name: string): Channel => {
    const found = channels.get(name)
    if (found) return found
    const made: Channel = { sequence: 0, ring: [], listeners: new Set() }
    channels.set(name, made)
    return made
  }
  return {
    publish(name, event) {
      const channel = open(name)
      const numbered = { sequence: ++channel.sequence, event }
      channel.ring.push(numbered)
      if (channel.ring.length > ringLength) channel.ring.shift()
      for (const listener of channel.listeners) listener(numbered)
      for (const watcher of watchers) watcher(name, event)
    },
    watch: (watcher) => void watchers.push(watcher),
    subscribe(name, since, listener) {
      const channel = open(name)
      const oldest = channel.ring[0]?.sequence ?? channel.sequence + 1
      const known = since !== null && since <= channel.sequence && since >= oldest - 1
      if (known) for (const event of channel.ring.filter(({ sequence }) => sequence > since)) listener(event)
      else listener({ sequence: channel.sequence, event: null })
      channel.listeners.add(listener)
      return () => channel.listeners.delete(listener)
    },
    hasListeners: (name) => (channels.get(name)?.listeners.size ?? 0) > 0,
    listened: () => [...channels].flatMap(([name, { listeners }]) => (listeners.size > 0 ? [name] : [])),
    forget(name) {
      if ((channels.get(name)?.listeners.size ?? 0) === 0) channels.delete(name)
    }
  }
}
