// Tooltips of charts as DOM nodes made with textContent: a name with markup in it stays text.

export interface TooltipRow {
  readonly colour?: string
  readonly name: string
  readonly value: string
}

/** A node for ECharts to show; never a string. */
export function tooltipNode(title: string, rows: readonly TooltipRow[], note?: string): HTMLElement {
  const root = document.createElement('div')
  root.className = 'chart-tooltip'
  const add = (parent: HTMLElement, className: string, text: string) => {
    const node = document.createElement('div')
    node.className = className
    node.textContent = text
    parent.append(node)
    return node
  }
  if (title !== '') add(root, 'chart-tooltip-title', title)
  const list = add(root, 'chart-tooltip-rows', '')
  for (const row of rows) {
    const swatch = add(list, 'chart-tooltip-swatch', '')
    if (row.colour) swatch.style.backgroundColor = row.colour
    add(list, 'chart-tooltip-name', row.name)
    add(list, 'chart-tooltip-value', row.value)
  }
  if (note) add(root, 'chart-tooltip-note', note)
  return root
}
