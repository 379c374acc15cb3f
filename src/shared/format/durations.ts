// How long something takes, and what is left of it.
import { narrowSpace } from './figures'

interface DurationStyle {
  readonly space: string
  /** From so many seconds on in minutes, from so many minutes on in hours. */
  readonly minutesFrom: number
  readonly hoursFrom: number
  readonly days: boolean
}

const durations =
  ({ space, minutesFrom, hoursFrom, days }: DurationStyle) =>
  (seconds: number): string => {
    const two = (large: number, largeUnit: string, small: string, smallUnit: string) =>
      `${large}${space}${largeUnit} ${small}${space}${smallUnit}`
    const whole = Math.round(seconds)
    const [minutes, hours] = [Math.floor(whole / 60), Math.floor(whole / 3600)]
    if (seconds < 9.95) return `${seconds.toFixed(1)}${space}s`
    if (whole < minutesFrom) return `${whole}${space}s`
    if (minutes < hoursFrom) return two(minutes, 'min', String(whole % 60).padStart(2, '0'), 's')
    if (hours < 24 || !days) return two(hours, 'h', String(minutes % 60).padStart(2, '0'), 'min')
    return two(Math.floor(hours / 24), 'd', String(hours % 24), 'h')
  }

/** In the terminal: `0.8 s`, `75 s`, `3 min 20 s`, `2 h 05 min`. */
export const duration = durations({ space: ' ', minutesFrom: 100, hoursFrom: 100, days: false })
/** On the page: `0.8 s`, `12 s`, `3 min 20 s`, `2 h 05 min`, `3 d 4 h`. */
export const durationOnPage = durations({ space: narrowSpace, minutesFrom: 60, hoursFrom: 60, days: true })

/** Seconds left of work that has done a fraction in `elapsed` seconds; null while too little is done to tell. */
export function secondsLeft(elapsed: number, fraction: number): number | null {
  return fraction > 0.02 ? (elapsed * (1 - fraction)) / fraction : null
}

/** The end of a line of progress in the terminal: `, 12 s left`, or nothing while nobody can tell. */
export const leftText = (seconds: number | null) => (seconds === null ? '' : `, ${duration(seconds)} left`)
