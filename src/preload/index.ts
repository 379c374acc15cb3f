// Hands the page what it may ask of main, the news that main tells, and paths of files that the person chose.
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { channelPrefix, newsChannel, type Bridge, type ChannelAnswer, type NewsMessage } from '../shared/shell/bridge'
import type { ShellNews } from '../shared/shell/channels'

contextBridge.exposeInMainWorld('saddlescope', {
  shell: 'electron',
  // Main knows the channels and checks what comes; the prefix keeps Electron's own out of reach.
  ask: async (channel, input) => {
    const answer = (await ipcRenderer.invoke(channelPrefix + channel, input)) as ChannelAnswer
    if ('refusal' in answer) throw new Error(answer.refusal)
    return answer.value as never
  },
  // Electrons before 32 have no webUtils and tell the path of a file at the file itself.
  pathOf: (file) => (webUtils as typeof webUtils | undefined)?.getPathForFile(file) ?? (file as File & { path?: string }).path ?? ''
} satisfies Bridge)

ipcRenderer.on(newsChannel, (event, news: ShellNews) =>
  window.postMessage({ type: newsChannel, news } satisfies NewsMessage, window.location.origin, event.ports as MessagePort[])
)
