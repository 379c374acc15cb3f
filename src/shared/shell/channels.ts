// The one list of what the page may ask of Electron's main process, and of the news that main tells its pages.
import { z } from 'zod'
import { purposeNames } from './choose'
import { pageCommandIds, shellCommandIds, type PageCommandId } from './commands'
import { whenClosedChoices, type WhenClosed } from './when-closed'

/** A schema for what is asked, with the type of the answer. */
interface ChannelOf<Input extends z.ZodType, Output> {
  readonly input: Input
  /** Never set: carries the type. */
  readonly output?: Output
}
const channel =
  <Output>() =>
  <Input extends z.ZodType>(input: Input): ChannelOf<Input, Output> => ({ input })

const nothing = z.strictObject({})
const commandIds = z.array(z.enum(pageCommandIds)).max(pageCommandIds.length)
/** As long as the longest path that a system of ours takes. */
const path = z.string().min(1).max(32_767)

/** Inputs are strict objects whose texts and lists have a greatest length: a test holds every entry to that. */
export const channels = {
  /** The answer is the news `port`, since a port cannot cross the bridge as a value. */
  'request-port': channel<void>()(nothing),
  /** Where the person wants a file saved; null when they would rather not. */
  'save-path': channel<string | null>()(z.strictObject({ name: z.string().min(1).max(300) })),
  /** Shows a folder of the workspace; why not, or nothing. */
  'open-folder': channel<string>()(z.strictObject({ path })),
  /** Lets the person choose in a native dialog; absolute paths, none when they would rather not. */
  'choose-path': channel<string[]>()(z.strictObject({ purpose: z.enum(purposeNames) })),
  /** Paths of what was opened from outside the window and not fetched yet. */
  'take-opened': channel<string[]>()(nothing),
  /** Workspaces that were open lately, the newest first, without the open one. */
  'recent-workspaces': channel<readonly { readonly folder: string; readonly missing: boolean }[]>()(nothing),
  /** Opens one of the recent ones, and no other folder; asks first when something would be stopped. */
  'open-recent': channel<void>()(z.strictObject({ path })),
  'shell-command': channel<void>()(z.strictObject({ id: z.enum(shellCommandIds) })),
  /** Which of the page's commands can be done now, and which are ticked. */
  'menu-state': channel<void>()(z.strictObject({ available: commandIds, checked: commandIds })),
  /** What becomes of the work when the last window is closed: as it is now chosen, after `choose` where that is not null. */
  'when-closed': channel<{ readonly choice: WhenClosed; readonly hasTray: boolean; readonly staysInDock: boolean }>()(
    z.strictObject({ choose: z.enum(whenClosedChoices).nullable() })
  ),
  /** What this window's page should know of the one before, such as that it crashed; told once. */
  'take-notice': channel<string | null>()(nothing),
  about: channel<{ readonly versions: readonly { readonly name: string; readonly value: string }[]; readonly logs: string }>()(nothing),
  /** The licences of what the app is made of, as one text. */
  licences: channel<string>()(nothing)
}

export type Channel = keyof typeof channels
/** What the page sends: what has a default may be absent. */
export type ChannelInput<C extends Channel> = z.input<(typeof channels)[C]['input']>
/** What a handler gets: checked, defaults filled in. */
export type ChannelRequest<C extends Channel> = z.output<(typeof channels)[C]['input']>
export type ChannelOutput<C extends Channel> = (typeof channels)[C] extends ChannelOf<z.ZodType, infer Output> ? Output : never

/** What main tells a page unasked. */
export type ShellNews =
  /** Comes with one port to the workbench. */
  | { readonly type: 'port' }
  /** The workbench was lost and came back: ports handed out before are dead. */
  | { readonly type: 'port-lost' }
  /** Something was opened from outside the window: `take-opened` has it. */
  | { readonly type: 'opened' }
  /** A menu item of the page's was chosen. */
  | { readonly type: 'command'; readonly id: PageCommandId }
  /** The app is closing, and waits for what it works on. */
  | { readonly type: 'closing'; readonly running: number; readonly jobs: number }
  /** The workbench process ended by itself and was started again; `cause`: by what signal, or with what code. */
  | { readonly type: 'workbench-ended'; readonly cause: string }
  | { readonly type: 'show-about'; readonly part: 'versions' | 'licences' }
