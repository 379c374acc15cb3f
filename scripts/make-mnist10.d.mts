export const publishedMd5: Readonly<Record<string, string>>
export function areaWeights(from: number, to: number): (readonly [pixel: number, overlap: number])[][]
export function areaAverage(pixels: Uint8Array, count: number, from: number, to: number): Uint8Array
