// Progress of one long piece of work on stderr: the phase, its fraction, what is left.
import { leftText, secondsLeft } from '../shared/format/durations'
import type { Output } from './run-display'

export interface PhaseDisplay {
  onPhase(phase: string): void
  /** `phase`: another name of the same work, whose time goes on. */
  onProgress(fraction: number, phase?: string): void
  clear(): void
}

/** Nothing before a second has passed; then overwriting on a terminal, elsewhere a line at most every five seconds. */
export function phaseDisplay(output: Output): PhaseDisplay {
  const terminal = output.isTTY === true
  const every = terminal ? 100 : 5000
  let phase = ''
  let began = performance.now()
  let last = began - every + 1000
  let shown = false
  const show = (fraction: number | null) => {
    const now = performance.now()
    if (now - last < every) return
    last = now
    const elapsed = (now - began) / 1000
    const done = fraction === null ? '' : ` ${Math.floor(100 * fraction)} %${leftText(secondsLeft(elapsed, fraction))}`
    const text = `${phase}${done}`
    output.write(terminal ? `\r\u001b[2K${text}` : `${text}\n`)
    shown = terminal
  }
  return {
    onPhase(next) {
      phase = next
      began = performance.now()
      show(null)
    },
    onProgress(fraction, next = phase) {
      phase = next
      show(fraction)
    },
    clear() {
      if (shown) output.write('\r\u001b[2K')
      shown = false
    }
  }
}
