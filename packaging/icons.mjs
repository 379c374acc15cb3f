// The icons of all systems, drawn from the SVGs in resources/icons: PNGs by size, an ICO for Windows, an ICNS for macOS.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Resvg } from '@resvg/resvg-js'
import { dist, root } from './names.mjs'

const sizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024]
/** Few pixels show a simpler drawing. */
const sourceOf = (size) => join(root, 'resources', 'icons', size <= 32 ? 'saddlescope-small.svg' : 'saddlescope.svg')

const render = (size) => new Resvg(readFileSync(sourceOf(size), 'utf8'), { fitTo: { mode: 'width', value: size } }).render().asPng()

/** ICO with PNG images, which Windows reads since Vista: https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10) */
function ico(pngs) {
  const head = Buffer.alloc(6 + 16 * pngs.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(pngs.length, 4)
  let offset = head.length
  for (const [index, { size, png }] of pngs.entries()) {
    const at = 6 + 16 * index
    head.writeUInt8(size % 256, at)
    head.writeUInt8(size % 256, at + 1)
    head.writeUInt16LE(1, at + 4)
    head.writeUInt16LE(32, at + 6)
    head.writeUInt32LE(png.length, at + 8)
    head.writeUInt32LE(offset, at + 12)
    offset += png.length
  }
  return Buffer.concat([head, ...pngs.map(({ png }) => png)])
}

/** Apple's names of sizes: plain ones, and twice as dense ones. */
const icnsTypes = { ic11: 32, ic12: 64, ic07: 128, ic13: 256, ic08: 256, ic14: 512, ic09: 512, ic10: 1024 }

function icns(bySize) {
  const parts = Object.entries(icnsTypes).map(([type, size]) => {
    const png = bySize.get(size)
    const head = Buffer.alloc(8)
    head.write(type, 'latin1')
    head.writeUInt32BE(8 + png.length, 4)
    return Buffer.concat([head, png])
  })
  const head = Buffer.alloc(8)
  head.write('icns', 'latin1')
  head.writeUInt32BE(8 + parts.reduce((sum, part) => sum + part.length, 0), 4)
  return Buffer.concat([head, ...parts])
}

/** Draws them all into `dist/icons`; returns their paths. */
export function drawIcons() {
  const folder = join(dist, 'icons')
  mkdirSync(join(folder, 'png'), { recursive: true })
  const bySize = new Map(sizes.map((size) => [size, render(size)]))
  const png = Object.fromEntries(sizes.map((size) => [size, join(folder, 'png', `${size}x${size}.png`)]))
  for (const [size, data] of bySize) writeFileSync(png[size], data)
  const icoSizes = sizes.filter((size) => size <= 256)
  writeFileSync(join(folder, 'saddlescope.ico'), ico(icoSizes.map((size) => ({ size, png: bySize.get(size) }))))
  writeFileSync(join(folder, 'saddlescope.icns'), icns(bySize))
  return {
    png,
    pngFolder: join(folder, 'png'),
    ico: join(folder, 'saddlescope.ico'),
    icns: join(folder, 'saddlescope.icns'),
    svg: sourceOf(512)
  }
}
