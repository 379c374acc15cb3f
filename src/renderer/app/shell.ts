// The desktop shell as the page sees it: what may be asked of it, and its news. A browser has none.
import type { Bridge, NewsMessage } from '../../shared/shell/bridge'
import type { ShellNews } from '../../shared/shell/channels'

declare global {
  interface Window {
    saddlescope?: Bridge
  }
}

/** Listens to one kind of news, with the ports that came beside it; returns how to stop. */
export function onNews<Type extends ShellNews['type']>(
  type: Type,
  listener: (news: Extract<ShellNews, { type: Type }>, ports: readonly MessagePort[]) => void
): () => void {
  const receive = (event: MessageEvent<NewsMessage | undefined>) => {
    if (event.source !== window || event.data?.type !== 'saddlescope-news' || event.data.news.type !== type) return
    listener(event.data.news as Extract<ShellNews, { type: Type }>, event.ports)
  }
  window.addEventListener('message', receive)
  return () => window.removeEventListener('message', receive)
}
