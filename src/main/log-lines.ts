// Lines of the logs: dated, each on one line, without what opens a session. Pure.

/** Colours and other control characters, which a text file does not show. */
// oxlint-disable-next-line no-control-regex
const control = /\u001b\[[0-9;]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f]/g
/** What would let a reader of the log in elsewhere. */
const secrets = /((?:token|password|secret|cookie|authorization)["']?\s*[=:]\s*["']?(?:bearer\s+)?)[^\s"'&;,]+/gi

export const logLine = (source: string, text: string, now: Date) =>
  `${now.toISOString()} ${source.padEnd(9)} ${text.replace(control, '').replace(secrets, '$1…').trimEnd()}\n`

/** Whole lines of a stream that comes in pieces; what it said last without an end of line comes with `end`. */
export function lineSplitter(take: (line: string) => void): { feed(text: string): void; end(): void } {
  let rest = ''
  return {
    feed(text) {
      const lines = (rest + text).split(/\r?\n/)
      rest = (lines.pop() ?? '').slice(-64 * 1024)
      for (const line of lines) if (line.trim() !== '') take(line)
    },
    end() {
      if (rest.trim() !== '') take(rest)
      rest = ''
    }
  }
}
