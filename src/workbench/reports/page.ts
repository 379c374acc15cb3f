// A report as one self-contained page and the data behind it: the page's figures are drawn from those tables and from nothing else.
import { basename, dirname, join } from 'node:path'
import {
  publishFolder,
  partialEnding,
  realFileSystem,
  StorageError,
  translating,
  writeAtomically,
  writeParts,
  type FileSystem,
  type WrittenFile
} from '../../store'
import { escaped } from './escape'
import { plotSvg, type Plot } from './plots'
import { styleSheet } from './style'
import { contentOf, isTable, rowsWhere, tableNamed, type ReportData, type Where } from './table'

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  /** What was found, a sentence each. */
  | { readonly kind: 'findings'; readonly sentences: readonly string[] }
  /** Texts as they are to be read; `data` names what they were computed from. */
  | {
      readonly kind: 'table'
      readonly caption: string
      readonly data: string
      readonly columns: readonly string[]
      readonly rows: readonly (readonly string[])[]
    }
  /** Drawn from the rows of the table `data` for which `where` holds. */
  | { readonly kind: 'figure'; readonly caption: string; readonly data: string; readonly where?: Where; readonly plot: Plot }

export interface Section {
  readonly heading: string
  readonly blocks: readonly Block[]
}

export interface ReportPage {
  readonly title: string
  /** Paragraphs under the title: what this is, what was found in brief. */
  readonly lead: readonly string[]
  readonly sections: readonly Section[]
  readonly data: readonly ReportData[]
}

export interface ReportToWrite extends ReportPage {
  /** What makes the page again, as typed. */
  readonly command: string
  readonly versions: Readonly<Record<string, string>>
}

const paragraph = (text: string) => `<p>${escaped(text)}</p>`

function blockHtml(block: Block, id: string, data: readonly ReportData[], folder: string): string {
  const link = (name: string) => `<a href="${escaped(`${encodeURIComponent(folder)}/${encodeURIComponent(name)}`)}">${escaped(name)}</a>`
  if (block.kind === 'text') return paragraph(block.text)
  if (block.kind === 'findings')
    return `<ul class="findings">${block.sentences.map((sentence) => `<li>${escaped(sentence)}</li>`).join('')}</ul>`
  const caption = `${escaped(block.caption)} <span class="data">Data: ${link(block.data)}</span>`
  if (block.kind === 'figure') {
    const table = tableNamed(data, block.data)
    const svg = plotSvg(block.plot, { ...table, rows: rowsWhere(table, block.where) }, id)
    return `<figure><div class="scroll" tabindex="0" role="group" aria-label="${escaped(block.plot.title)}">${svg}</div><figcaption>${caption}</figcaption></figure>`
  }
  const head = block.columns.map((column) => `<th scope="col">${escaped(column)}</th>`).join('')
  const body = block.rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`).join('\n')
  return `<div class="scroll" tabindex="0" role="group" aria-label="${escaped(block.caption)}"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`
}

/** The whole page as text; `folder` is where its data lie, beside it. */
export function pageHtml(report: ReportToWrite, folder: string): string {
  const { title, lead, sections, data, command } = report
  const versions = Object.entries(report.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')
  const body = sections.map(({ heading, blocks }, place) => {
    const html = blocks.map((block, k) => blockHtml(block, `figure-${place + 1}-${k + 1}`, data, folder)).join('\n')
    return `<section>\n<h2>${escaped(heading)}</h2>\n${html}\n</section>`
  })
  const files = data.map(({ name, about }) => {
    const address = `${encodeURIComponent(folder)}/${encodeURIComponent(name)}`
    return `<li><a href="${escaped(address)}">${escaped(name)}</a>: ${escaped(about)}</li>`
  })
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>
${styleSheet}
</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${lead.map(paragraph).join('\n')}
${body.join('\n')}
<section>
<h2>Data and how this page was made</h2>
<p>Made by <code>${escaped(command)}</code> with ${escaped(versions)}. Every figure above is drawn from the tables beside this page:</p>
<ul>
${files.join('\n')}
</ul>
</section>
</main>
</body>
</html>
`
}

const manifestName = 'report.json'

/** The folder of a page's data: `race.html` has `race-data`. */
export const dataFolderOf = (path: string) => join(dirname(path), `${basename(path).replace(/\.html?$/i, '')}-data`)

async function writeData(fileSystem: FileSystem, folder: string, { title, command, versions, data }: ReportToWrite): Promise<void> {
  const info = await fileSystem.info(folder)
  if (info && !(await fileSystem.info(join(folder, manifestName))))
    throw new StorageError('conflict', `${folder} is there already and holds no report's data: give another --out`)
  const partial = `${folder}${partialEnding}`
  await translating(`write ${folder}`, async () => {
    await fileSystem.remove(partial)
    await fileSystem.makeNewFolder(partial)
  })
  const write = async (name: string, text: string): Promise<WrittenFile> =>
    writeParts(fileSystem, join(partial, name), [new TextEncoder().encode(text)])
  const files = []
  for (const one of data)
    files.push({
      name: one.name,
      about: one.about,
      ...(isTable(one) ? { columns: one.columns, rows: one.rows.length } : {}),
      ...(await write(one.name, contentOf(one)))
    })
  await write(manifestName, `${JSON.stringify({ schemaVersion: 1, title, command, versions, files }, null, 2)}\n`)
  await publishFolder(fileSystem, partial, folder)
}

/**
 * Writes the data beside `path` and then the page: each whole or not at all, an older page's replaced. Throws StorageError, `conflict` where the data's
 * folder is somebody else's.
 */
export async function writeReport(
  path: string,
  report: ReportToWrite,
  fileSystem: FileSystem = realFileSystem
): Promise<{ folder: string }> {
  const folder = dataFolderOf(path)
  // Drawn first: a fault of the report leaves nothing behind.
  const html = pageHtml(report, basename(folder))
  await translating(`write ${dirname(path)}`, () => fileSystem.makeFolder(dirname(path)))
  await writeData(fileSystem, folder, report)
  await writeAtomically(fileSystem, path, html)
  return { folder }
}
