// Finds where a dotted path such as `optimizer.damping.value` or `model.layers.1` stands in JSON text.

type Frame = { readonly kind: 'object' | 'array'; key: string; index: number; expectKey: boolean }

/** The line (from 1) of the value at `path`, or of the nearest part of the path that is there. Reads JSON that need not be complete. */
export function lineOfPath(text: string, path: string): number {
  const wanted = path === '' ? [] : path.replace(/\[(\d+)\]/g, '.$1').split('.')
  const frames: Frame[] = []
  let line = 1
  let best = { depth: 0, line: 1 }
  const consider = () => {
    const here = frames.map((frame) => (frame.kind === 'array' ? String(frame.index) : frame.key))
    if (here.length <= wanted.length && here.length > best.depth && here.every((part, i) => part === wanted[i]))
      best = { depth: here.length, line }
  }
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    const top = frames[frames.length - 1]
    if (char === '\n') line++
    else if (char === '{' || char === '[') {
      frames.push({ kind: char === '{' ? 'object' : 'array', key: '', index: 0, expectKey: char === '{' })
      if (char === '[') consider()
    } else if (char === '}' || char === ']') frames.pop()
    else if (char === ',') {
      if (!top) continue
      top.index++
      top.expectKey = top.kind === 'object'
      if (top.kind === 'array') consider()
    } else if (char === '"') {
      const end = endOfString(text, i)
      if (top?.expectKey) {
        top.key = text.slice(i + 1, end)
        top.expectKey = false
        consider()
      }
      i = end
    }
  }
  return best.line
}

function endOfString(text: string, start: number): number {
  let i = start + 1
  while (i < text.length && text[i] !== '"' && text[i] !== '\n') i += text[i] === '\\' ? 2 : 1
  return Math.min(i, text.length - 1)
}
