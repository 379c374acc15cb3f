// JSON as people like to read it: what fits on a line stays on it.

/** Indented JSON in which objects and arrays that fit into `width` characters stay on one line. */
export function formatJson(value: unknown, width = 88, indent = ''): string {
  const flat = flatJson(value)
  if (flat.length + indent.length <= width && indent !== '') return flat
  if (value === null || typeof value !== 'object') return flat
  const deeper = `${indent}  `
  const parts = Array.isArray(value)
    ? value.map((item) => `${deeper}${formatJson(item, width, deeper)}`)
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => `${deeper}${JSON.stringify(key)}: ${formatJson(item, width, deeper)}`)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  return parts.length === 0 ? open + close : `${open}\n${parts.join(',\n')}\n${indent}${close}`
}

function flatJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(flatJson).join(', ')}]`
  const parts = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${JSON.stringify(key)}: ${flatJson(item)}`)
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`
}
