// What the shell decides about closing, crashes, progress and notices: pure, without Electron.
import { duration } from '../shared/format/durations'
import type { WhenClosed } from '../shared/shell/when-closed'
import type { Activity, RunAtWork, RunEnd } from '../workbench/main-protocol'

export const nothingAtWork: Activity = { running: [], waiting: 0, jobs: [], paused: 0 }
export const isAtWork = ({ running, waiting, jobs }: Activity) => running.length + waiting + jobs.length > 0

const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`

export interface ClosingWindow {
  readonly isLast: boolean
  readonly isQuitting: boolean
  readonly atWork: boolean
  readonly platform: string
  readonly choice: WhenClosed
  /** Whether there is a tray from which the app can be called back. */
  readonly hasTray: boolean
}

/** `close`: only the window goes. On a Mac the app stays in the dock with what it works on. */
export function atClose({ isLast, isQuitting, atWork, platform, choice, hasTray }: ClosingWindow): 'close' | 'ask' | 'keep' | 'quit' {
  if (!isLast || isQuitting || !atWork || platform === 'darwin') return 'close'
  return choice === 'keep' && !hasTray ? 'ask' : choice
}

/** "2 runs are training, 1 waits in the queue and 1 job is at work". */
export function workSentence({ running, waiting, jobs }: Activity): string {
  const parts = [
    ...(running.length === 0 ? [] : [`${counted(running.length, 'run is', 'runs are')} training`]),
    ...(waiting === 0 ? [] : [`${counted(waiting, 'run waits', 'runs wait')} in the queue`]),
    ...(jobs.length === 0 ? [] : [`${counted(jobs.length, 'job is', 'jobs are')} at work`])
  ]
  return parts.length < 3 ? parts.join(' and ') : `${parts[0]}, ${parts[1]} and ${parts[2]}`
}

export interface Question {
  readonly message: string
  readonly detail: string
  readonly answers: readonly { readonly label: string; readonly does: 'keep' | 'quit' | 'cancel' }[]
}

export function closingQuestion(activity: Activity, hasTray: boolean): Question {
  const trains = activity.running.length + activity.waiting > 0
  const keep = trains ? 'Keep training' : 'Keep working'
  const lost = activity.jobs.length === 0 ? '' : ` Jobs cannot be resumed, they are cancelled: ${activity.jobs.join(', ')}.`
  const quits = `${trains ? 'Checkpoint and quit: what runs finishes its step, writes a checkpoint and can be resumed at the next start.' : 'Quit:'}${lost}`
  return {
    message: `${workSentence(activity)}.`,
    detail: hasTray
      ? `${keep}: the window closes and the work goes on; the icon in the tray shows how far it is and brings the window back.\n\n${quits}`
      : `This desktop has no tray from which the window could be called back, so nothing goes on without it.\n\n${quits}`,
    answers: [
      ...(hasTray ? [{ label: keep, does: 'keep' } as const] : []),
      { label: trains ? 'Checkpoint and quit' : 'Quit', does: 'quit' },
      { label: 'Cancel', does: 'cancel' }
    ]
  }
}

/** Those of `times` (milliseconds) that lie within the last `span`. */
export const within = (times: readonly number[], now: number, span: number) => times.filter((at) => now - at < span)

export const pageCrashSpan = 60_000
const pageReloads = 2

/** What follows the newest of these crashes of a page: loaded again by itself, until it looks like a loop. */
export const afterPageCrash = (times: readonly number[], now: number): 'reload' | 'ask' =>
  within(times, now, pageCrashSpan).length > pageReloads ? 'ask' : 'reload'

/** Why a process of Chromium's is gone, as its `reason` says, for people. */
export function goneSentence(reason: string, exitCode: number): string {
  const known: Readonly<Record<string, string>> = {
    crashed: 'it crashed',
    oom: 'it ran out of memory',
    killed: 'it was killed',
    'abnormal-exit': 'it ended with an error',
    'launch-failed': 'it could not be started',
    'integrity-failure': 'its code failed a check of integrity'
  }
  return `${known[reason] ?? `it ended (${reason})`}${exitCode === 0 ? '' : `, code ${exitCode}`}`
}

/** Why a utility process ended that was not asked to, from the code that Electron tells: a signal's number where one ended it, 0 where it lost the process before its code. */
export function exitSentence(code: number): string {
  const signals: Readonly<Record<number, string>> = {
    6: 'SIGABRT',
    9: 'SIGKILL',
    11: 'SIGSEGV',
    15: 'SIGTERM',
    137: 'SIGKILL',
    139: 'SIGSEGV'
  }
  if (code === 0) return 'without a word, as one that is killed does'
  return signals[code] ? `by ${signals[code]}` : `with code ${code}`
}

export interface Bar {
  /** -1: none; above 1: something is going on, nobody can tell how far. */
  readonly value: number
  readonly mode: 'none' | 'normal' | 'indeterminate' | 'error' | 'paused'
}

/** What the task-bar icon shows. `failed`: how far a run was that has failed and that nobody has looked at yet; null when there is none. */
export function progressBar({ running }: Activity, failed: number | null): Bar {
  if (failed !== null) return { value: failed, mode: 'error' }
  if (running.length === 0) return { value: -1, mode: 'none' }
  const known = running.flatMap(({ fraction }) => fraction ?? [])
  const mode = running.some(({ trouble }) => trouble !== null) ? 'paused' : 'normal'
  if (known.length === 0) return { value: 2, mode: 'indeterminate' }
  return { value: known.reduce((sum, one) => sum + one, 0) / known.length, mode }
}

/** It ended otherwise than planned or asked for. */
export const hasFailed = ({ state, message }: RunEnd) =>
  state === 'failed' || state === 'diverged' || (state === 'interrupted' && message !== null)

const longSeconds = 60

/** Somebody waits for a long run, and looks elsewhere. */
export const isWorthTelling = (end: RunEnd, focused: boolean) =>
  !focused && end.workedSeconds >= longSeconds && (end.state === 'done' || hasFailed(end))

export function endTexts({ name, state, step, workedSeconds, message }: RunEnd): { title: string; body: string } {
  const steps = `at step ${step} after ${duration(workedSeconds)}`
  return { title: `${name}: ${state}`, body: message === null ? steps : `${steps}: ${message}` }
}

function runText({ name, step, steps, fraction, secondsLeft, trouble }: RunAtWork): string {
  const percent = fraction === null ? '' : ` (${Math.floor(100 * fraction)} %)`
  const left = secondsLeft === null || secondsLeft <= 0 ? '' : `, ${duration(secondsLeft)} left`
  return `${name}: step ${step}${steps === null ? '' : ` of ${steps}`}${percent}${trouble === null ? left : `, ${trouble}`}`
}

/** Windows cuts off what is longer. */
const longestTip = 127

/** The tray's lines: what runs, how far it is, what waits. */
export function workLines(activity: Activity): string[] {
  const { running, waiting, jobs, paused } = activity
  const rest = [
    ...(waiting === 0 ? [] : [`${counted(waiting, 'run', 'runs')} waiting`]),
    ...(paused === 0 ? [] : [`${counted(paused, 'run', 'runs')} paused`])
  ]
  const lines = [...running.map(runText), ...jobs, ...(rest.length === 0 ? [] : [rest.join(', ')])]
  return lines.length === 0 ? ['nothing is running'] : lines
}

export function tooltip(activity: Activity): string {
  const text = ['Saddlescope', ...workLines(activity)].join('\n')
  return text.length <= longestTip ? text : `${text.slice(0, longestTip - 1)}…`
}

/** Where newer versions are to be had, from package.json; null where it names no page over https. */
export function releasePage(manifest: Readonly<Record<string, unknown>>): string | null {
  const { homepage, repository } = manifest
  const url = typeof repository === 'object' && repository !== null && 'url' in repository ? repository.url : repository
  const source = typeof url === 'string' ? url.replace(/^git\+/, '').replace(/\.git$/, '') : null
  if (source !== null && /^https:\/\/github\.com\/[^/]+\/[^/]+$/.test(source)) return `${source}/releases`
  return [homepage, source].find((one): one is string => typeof one === 'string' && one.startsWith('https://')) ?? null
}
