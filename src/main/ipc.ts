// The one way between pages and main: what is asked is checked before anything hears of it, and news go to windows of ours.
import { BrowserWindow, ipcMain, type MessagePortMain } from 'electron'
import { channelPrefix, newsChannel, type ChannelAnswer } from '../shared/shell/bridge'
import type { Channel, ChannelOutput, ChannelRequest, ShellNews } from '../shared/shell/channels'
import { checkAsk } from './ask-check'
import { isConfined } from './confine'
import { developmentAddress } from './page-protocol'
import { messageOf } from '../shared/format/message-of'

/** Answers a channel; `window` is the window that asks. What `answer` throws reaches the page as its message. */
export function handle<C extends Channel>(
  channel: C,
  answer: (input: ChannelRequest<C>, window: BrowserWindow) => ChannelOutput<C> | Promise<ChannelOutput<C>>
) {
  ipcMain.handle(channelPrefix + channel, async (event, ...words: unknown[]): Promise<ChannelAnswer> => {
    const { sender, senderFrame } = event
    const window = BrowserWindow.fromWebContents(sender)
    const checked = checkAsk(
      channel,
      {
        address: senderFrame?.url ?? null,
        isMainFrame: senderFrame === sender.mainFrame,
        isConfined: window !== null && isConfined(sender)
      },
      words,
      developmentAddress()
    )
    if (window === null || 'refusal' in checked) {
      const refusal = 'refusal' in checked ? checked.refusal : `${channel} was refused: only windows of Saddlescope may ask.`
      process.stderr.write(`${refusal}\n`)
      return { refusal }
    }
    try {
      return { value: await answer(checked.input, window) }
    } catch (error) {
      return { refusal: messageOf(error) }
    }
  })
}

/** News to one window's page, ports beside them. */
export function tell(window: BrowserWindow, news: ShellNews, ports: MessagePortMain[] = []) {
  if (!window.isDestroyed()) window.webContents.postMessage(newsChannel, news, ports)
}

export function tellAll(news: ShellNews) {
  for (const window of BrowserWindow.getAllWindows()) tell(window, news)
}
