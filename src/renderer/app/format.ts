// Numbers, sizes and times as people read them. One place, so that a figure looks the same everywhere.

const missing = '–'

/** A measured figure: `digits` significant digits, scientific outside 1e-3…1e5; a dash for what is not there. */
export function formatNumber(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return missing
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  if (value === 0) return '0'
  const size = Math.abs(value)
  const text =
    size < 1e-3 || size >= 1e5
      ? value
          .toExponential(digits - 1)
          .replace(/\.?0+e/, 'e')
          .replace('e+', 'e')
      : String(Number(value.toPrecision(digits)))
  return text.replaceAll('-', '−')
}

/** A whole number with thin spaces between thousands. */
export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return missing
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f')
}

/** A fraction as percent. */
export function formatPercent(value: number | null | undefined, decimals = 1): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return missing
  return `${(value * 100).toFixed(decimals)}\u202f%`
}

/** Bytes in powers of 1000. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return missing
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  let value = bytes
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const text = unit === 0 || value >= 99.95 ? String(Math.round(value)) : value.toFixed(1)
  return `${text}\u202f${units[unit]}`
}

/** A duration in seconds: `0.8 s`, `12 s`, `3 min 20 s`, `2 h 05 min`, `3 d 4 h`. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return missing
  if (seconds < 0.0995) return `${formatNumber(seconds * 1000, 2)}\u202fms`
  if (seconds < 9.95) return `${seconds.toFixed(1)}\u202fs`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole}\u202fs`
  if (whole < 3600) return `${Math.floor(whole / 60)}\u202fmin ${String(whole % 60).padStart(2, '0')}\u202fs`
  if (whole < 86_400) return `${Math.floor(whole / 3600)}\u202fh ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')}\u202fmin`
  return `${Math.floor(whole / 86_400)}\u202fd ${Math.floor((whole % 86_400) / 3600)}\u202fh`
}

/** How long ago a moment was, coarsely. */
export function formatAgo(iso: string | null | undefined, now = Date.now()): string {
  if (!iso) return missing
  const seconds = (now - Date.parse(iso)) / 1000
  if (!Number.isFinite(seconds)) return missing
  if (seconds < 45) return 'just now'
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))}\u202fmin ago`
  if (seconds < 86_400) return `${Math.round(seconds / 3600)}\u202fh ago`
  if (seconds < 30 * 86_400) return `${Math.round(seconds / 86_400)}\u202fd ago`
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
