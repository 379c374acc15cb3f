// Whether main listens to what a page asks: only to the main frame of a confined window at the page's own address, and only to what the schema knows.
import { isPageAddress } from '../shared/page-policy'
import { channels, type Channel, type ChannelRequest } from '../shared/shell/channels'

/** Who asks. */
export interface Sender {
  /** The frame's address; null when the frame is gone. */
  readonly address: string | null
  readonly isMainFrame: boolean
  /** The frame belongs to a window of ours, confined to the page. */
  readonly isConfined: boolean
}

export type Checked<C extends Channel> = { readonly input: ChannelRequest<C> } | { readonly refusal: string }

function refuseSender({ address, isMainFrame, isConfined }: Sender, development: string | null): string | null {
  if (address === null) return 'the page that asks is gone'
  if (!isMainFrame) return 'only the page itself may ask, no frame within it'
  if (!isConfined) return 'only windows of Saddlescope may ask'
  return isPageAddress(address, development) ? null : 'only the page of Saddlescope may ask'
}

/** `words`: everything that was sent, which is one object. */
export function checkAsk<C extends Channel>(channel: C, sender: Sender, words: readonly unknown[], development: string | null): Checked<C> {
  const stranger = refuseSender(sender, development)
  if (stranger !== null) return { refusal: `${channel} was refused: ${stranger}.` }
  if (words.length !== 1) return { refusal: `${channel} was refused: one object is asked with, not ${words.length}.` }
  const parsed = channels[channel].input.safeParse(words[0])
  if (parsed.success) return { input: parsed.data as ChannelRequest<C> }
  const [issue] = parsed.error.issues
  const place = issue.path.length === 0 ? 'its input' : issue.path.join('.')
  return { refusal: `${channel} was refused: ${place} is not as it should be (${issue.message.slice(0, 200)}).` }
}
