// What the preload hands the page, and the names under which both ends of the shell meet. No values of the schemas: the preload bundles none.
import type { Channel, ChannelInput, ChannelOutput, ShellNews } from './channels'

export interface Bridge {
  readonly shell: 'electron'
  /** Asks main; rejects with its one sentence. */
  ask<C extends Channel>(channel: C, input: ChannelInput<C>): Promise<ChannelOutput<C>>
  /** Where a dropped or picked file is; empty when it is no file of this machine. */
  pathOf(file: File): string
}

/** How an answer crosses from main to the preload: a value, or the one sentence that says why not. */
export type ChannelAnswer = { readonly value: unknown } | { readonly refusal: string }

/** News reach the page as messages to its own window, since ports cross the bridge in no other way. */
export interface NewsMessage {
  readonly type: 'saddlescope-news'
  readonly news: ShellNews
}

export const channelPrefix = 'saddlescope:'
export const newsChannel = 'saddlescope-news'
