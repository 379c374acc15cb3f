// Work with progress on stderr that Ctrl-C stops.
import { say, stopSignal } from './context'
import { phaseDisplay, type PhaseDisplay } from './phase-display'

/** The display is cleared when `work` has ended; whatever work says that was stopped, it was stopped. */
export async function withProgress<Result>(work: (signal: AbortSignal, display: PhaseDisplay) => Promise<Result>): Promise<Result> {
  const stop = stopSignal(() => say('\nstopping…'))
  const display = phaseDisplay(process.stderr)
  try {
    return await work(stop.signal, display)
  } catch (error) {
    display.clear()
    stop.signal.throwIfAborted()
    throw error
  } finally {
    display.clear()
    stop.dispose()
  }
}
