// Numbers, sizes and times as people read them. One place, so that a figure looks the same everywhere.
import { bytesOnPage } from '../../shared/format/bytes'
import { durationOnPage } from '../../shared/format/durations'
import { figureOnPage, narrowSpace, percent } from '../../shared/format/figures'

const missing = '–'

/** A measured figure: `digits` significant digits, scientific outside 1e-3…1e5; a dash for what is not there. */
export { figureOnPage as formatNumber } from '../../shared/format/figures'

const orMissing = (format: (value: number) => string) => (value: number | null | undefined) =>
  value === null || value === undefined || !Number.isFinite(value) ? missing : format(value)

/** A whole number with thin spaces between thousands. */
export const formatCount = orMissing((value) => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, narrowSpace))

/** A fraction as percent. */
export const formatPercent = (value: number | null | undefined, decimals = 1) =>
  orMissing((fraction) => percent(fraction, decimals, narrowSpace))(value)

/** Bytes in powers of 1000. */
export const formatBytes = orMissing(bytesOnPage)

/** A duration in seconds, below a tenth in milliseconds. */
export const formatDuration = orMissing((seconds) =>
  seconds < 0.0995 ? `${figureOnPage(seconds * 1000, 2)}${narrowSpace}ms` : durationOnPage(seconds)
)

/** How long ago a moment was, coarsely. */
export function formatAgo(iso: string | null | undefined, now = Date.now()): string {
  if (!iso) return missing
  const seconds = (now - Date.parse(iso)) / 1000
  if (!Number.isFinite(seconds)) return missing
  if (seconds < 45) return 'just now'
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))}${narrowSpace}min ago`
  if (seconds < 86_400) return `${Math.round(seconds / 3600)}${narrowSpace}h ago`
  if (seconds < 30 * 86_400) return `${Math.round(seconds / 86_400)}${narrowSpace}d ago`
  return iso.slice(0, 10)
}

/** A moment in local time. */
export function formatTime(iso: string | null | undefined): string {
  if (!iso) return missing
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return missing
  const two = (value: number) => String(value).padStart(2, '0')
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`
}

/** Short labels for an axis: powers of ten stay powers of ten. */
export function formatTick(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e4 || size < 1e-3) {
    const exponent = Math.floor(Math.log10(size) + 1e-9)
    const mantissa = Number((value / 10 ** exponent).toPrecision(3))
    const text = mantissa === 1 ? `1e${exponent}` : mantissa === -1 ? `-1e${exponent}` : `${mantissa}e${exponent}`
    return text.replaceAll('-', '−')
  }
  return String(Number(value.toPrecision(6))).replaceAll('-', '−')
}
